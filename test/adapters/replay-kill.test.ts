// The replay window over a kill: what was obeyed before it is never obeyed after it, by the window alone, and nothing new is refused for it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import { asFault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { type Envelope, payloadOf, readEnvelope } from '../../src/ocpp/frame.ts'
import type { Guard } from '../../src/overlay/guard.ts'
import { keyOf } from '../../src/overlay/key-document.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { callOf, engine, keysOf, makeGuard, virtualClock } from '../overlay/support.ts'

const JUDGE = fileURLToPath(new URL('endless-judge.ts', import.meta.url))
const keys = keysOf({ grid: 'grid-operator' })
const identity = keys.identity('grid')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chargeproof-replay-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Said {
  readonly trust: TrustStore
  readonly given: readonly Envelope[]
  readonly late: readonly Envelope[]
  readonly obeyed: readonly string[]
}

/** What a judge said it was given, and what it said it obeyed, until it was killed among them. */
const killed = async (): Promise<Said> => {
  const judge = spawn(process.execPath, [JUDGE, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  judge.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.length > 40_000) judge.kill('SIGKILL')
  })
  await once(judge, 'close')
  const lines = said.split('\n').slice(0, -1)
  const saidOf = (mark: string): string[] => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(2))
  const framesOf = (mark: string): Envelope[] => saidOf(mark).map((frame) => readEnvelope(frame))
  const trust = new TrustStore(engine)
  trust.add({ node: 'grid', role: 'grid-operator', publicKey: keyOf(saidOf('=')[0] as string, engine).publicKey })
  return { trust, given: framesOf('?'), late: framesOf('~'), obeyed: saidOf('!') }
}

const verdict = (guard: Guard, order: Envelope): Promise<unknown> => guard.admit(order, 'cs').catch((error) => asFault(error).data.rule)

describe('a judge that is killed', () => {
  it('obeys nothing twice when it is back, and every new order at once', async () => {
    const { trust, given, late, obeyed } = await killed()
    expect(obeyed.length).toBeGreaterThan(20)
    const store = openStore(folder)
    const { guard, journal } = makeGuard(virtualClock(Date.now()), 'cs', { trust, store })
    // what is in the journal has used up its number, and nothing else has: they were written together
    const kept = journal.read(0, 10_000).map(({ data }) => readEnvelope(String((data as { frame?: string }).frame)).message.id)
    expect(obeyed.filter((id) => !kept.includes(id))).toEqual([])
    expect(new Set(kept).size).toBe(kept.length)
    const verdicts = await Promise.all(given.map((order) => verdict(guard, order)))
    expect(verdicts).toEqual(given.map(({ message: { id } }) => (kept.includes(id) ? 'signature-replayed' : 'grid-limit')))
    // one that was on its way all the time, with a number below all of these
    expect(await Promise.all(late.map((order) => verdict(guard, order)))).toEqual(['grid-limit'])
    await store.close()
  })
})

describe('an order', () => {
  const order = () => {
    const { guard } = makeGuard(virtualClock(), 'grid', { trust: keys.trust, identity })
    return guard.sealCall(callOf({ from: 'grid', to: 'cs' }, { action: 'SetLimit', payload: payloadOf({ limit: 5_000 }) }))
  }

  it('costs one write: its number and its entry in the journal stand or fall together', async () => {
    let writes = 0
    let isFull = true
    const store = memoryStore({
      beforeCommit: () => {
        writes++
        if (isFull) throw new Error('no space left on device')
      },
    })
    const { guard, journal } = makeGuard(virtualClock(), 'cs', { trust: keys.trust, store })
    const given = order()
    await expect(guard.admit(given, 'cs')).rejects.toMatchObject({ code: 'store-failed' })
    expect([store.list('replay'), journal.read(0, 9)]).toEqual([[], []])
    isFull = false
    writes = 0
    expect(await verdict(guard, given)).toBe('grid-limit')
    expect(writes).toBe(1)
    expect(await verdict(guard, given)).toBe('signature-replayed')
  })

  it('that comes twice at once is obeyed once', async () => {
    const { guard } = makeGuard(virtualClock(), 'cs', { trust: keys.trust })
    const given = order()
    expect((await Promise.all([verdict(guard, given), verdict(guard, given)])).toSorted()).toEqual(['grid-limit', 'signature-replayed'])
  })
})
