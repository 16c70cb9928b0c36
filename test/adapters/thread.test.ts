// A thread runs the module it was given, with the data it was given, and starts from what was compiled before.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { threadOf } from '../../src/adapters/thread.ts'

const folder = mkdtempSync(join(tmpdir(), 'chargeproof-thread-'))
afterAll(() => rmSync(folder, { recursive: true }))

const moduleOf = (name: string, code: string): URL => {
  writeFileSync(join(folder, name), code)
  return pathToFileURL(join(folder, name))
}

describe('a thread', () => {
  it('runs its module with the data given, and finds the compile cache on', async () => {
    const module = moduleOf(
      'told.mjs',
      `import { parentPort, workerData } from 'node:worker_threads'
       import { getCompileCacheDir } from 'node:module'
       parentPort.postMessage({ workerData, cached: getCompileCacheDir() !== undefined })`,
    )
    const thread = threadOf(module, { workerData: { asked: 7 } })
    const [said] = await once(thread, 'message')
    await thread.terminate()
    expect(said).toEqual({ workerData: { asked: 7 }, cached: true })
  })

  it('ends with the error of its module', async () => {
    const thread = threadOf(moduleOf('broken.mjs', `throw new Error('it cannot begin')`), { workerData: undefined })
    const [error] = await once(thread, 'error')
    expect(error).toMatchObject({ message: 'it cannot begin' })
  })
})
