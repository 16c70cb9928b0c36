// What the page needs to read pictures: a file of its own build, loaded when the first picture is opened and from where the page came.
import programAddress from 'zxing-wasm/reader/zxing_reader.wasm?url'
import { Fault } from '../../../src/base/fault.ts'
import type { Openers } from '../../../src/metering/container.ts'

export const webOpeners: Openers = {
  codeReader: () => {
    program ??= load().catch((cause: unknown) => {
      program = undefined
      throw new Fault('input-unknown', 'what reads pictures could not be loaded; is the page’s server still there?', {}, cause)
    })
    return program
  },
}

let program: Promise<ArrayBuffer> | undefined

const load = async (): Promise<ArrayBuffer> => {
  const answer = await fetch(programAddress)
  if (!answer.ok) throw new Error(`status ${answer.status}`)
  return answer.arrayBuffer()
}
