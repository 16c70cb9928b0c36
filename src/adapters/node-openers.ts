// What the verifier needs from the disk to read pictures. Nothing is loaded before the first picture is opened.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Openers } from '../metering/container.ts'

let program: Promise<ArrayBuffer> | undefined

export const nodeOpeners: Openers = {
  codeReader: () => {
    program ??= readProgram()
    return program
  },
}

const readProgram = async (): Promise<ArrayBuffer> => {
  const file = await readFile(fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')))
  return new Uint8Array(file).buffer
}
