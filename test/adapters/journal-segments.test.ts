// A journal that is kept bounded: old entries are in files before they leave the store, and files, store and heads audit as one.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { keepSegments } from '../../src/adapters/journal-segments.ts'
import type { Fault } from '../../src/base/fault.ts'
import { audit } from '../../src/overlay/audit.ts'
import { heldHead } from '../../src/overlay/journal-heads.ts'
import { engine, keysOf, settle, virtualClock } from '../overlay/support.ts'
import { makeNetwork } from '../roles/park.ts'

const root = mkdtempSync(join(tmpdir(), 'chargeproof-segments-'))
afterAll(() => rmSync(root, { recursive: true }))

const setUp = (folder: string) => {
  const keys = keysOf({ lc: 'local-controller', gateway: 'gateway' })
  const lc = makeNetwork(virtualClock(), { id: 'lc' }, { keys })
  const failed: Fault[] = []
  const cancel = keepSegments(lc, { folder, failed: (fault) => failed.push(fault), segment: 10, kept: 5 })
  const write = async (count: number) => {
    for (let i = 0; i < count; i++) await lc.journal.write({ kind: 'node', subject: 'x', text: String(i) })
    await settle()
  }
  return { keys, lc, failed, cancel, write }
}

describe('segments of a journal', () => {
  it('hold what left the store, and audit together with the rest', async () => {
    const { keys, lc, failed, cancel, write } = setUp(join(root, 'a'))
    await write(37)
    const names = readdirSync(join(root, 'a', 'journal')).sort()
    expect(names).toEqual(['000000000001-000000000010.jsonl', '000000000011-000000000020.jsonl', '000000000021-000000000030.jsonl'])
    expect([lc.journal.base().seq, lc.journal.read(0, 99).length]).toEqual([30, 7])
    const heads = (await lc.witness.heads()).map((signed) => heldHead(signed, keys.identity('gateway')))
    const rest = { name: 'rest', text: JSON.stringify([...lc.journal.read(0, 99), ...heads]) }
    const segments = names.map((name) => ({ name, text: readFileSync(join(root, 'a', 'journal', name), 'utf8') }))
    const world = { trust: keys.trust, engine }
    expect(audit([...segments, rest], world)).toMatchObject({ verdict: 'sound', journals: [{ first: 1, last: 37 }] })
    expect(audit([rest, ...segments.slice(1)], world).findings).toMatchObject([{ code: 'entries-missing', seq: 1 }])
    expect(
      audit([rest, ...segments.with(1, { name: 'x', text: (segments[1]?.text ?? '').replace('"text":"12"', '"text":"13"') })], world)
        .verdict,
    ).toBe('tampered')
    expect(failed).toEqual([])
    cancel()
    await write(20)
    expect(readdirSync(join(root, 'a', 'journal'))).toHaveLength(3)
  })

  it('stay in the store where no file can be written', async () => {
    const { lc, failed, write } = setUp('/dev/null/nowhere')
    await write(20)
    expect(lc.journal.read(0, 99)).toHaveLength(20)
    expect(failed[0]).toMatchObject({ code: 'store-failed' })
  })
})
