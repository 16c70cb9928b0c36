// Neighbours as witnesses: heads travel, are held over restarts, and whoever rewrites, cuts or splits a journal is named by its neighbours.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Store } from '../../src/base/ports.ts'
import { payloadOf, SEND } from '../../src/ocpp/frame.ts'
import { audit } from '../../src/overlay/audit.ts'
import { HeadBook } from '../../src/overlay/head-book.ts'
import { Journal } from '../../src/overlay/journal.ts'
import { headJson, JOURNAL_HEADS } from '../../src/overlay/journal-heads.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { engine, fakePeer, keysOf, settle, virtualClock } from '../overlay/support.ts'
import { dial, makeNetwork, signedPark } from './park.ts'

const ROLES = { csms: 'csms', gateway: 'gateway', lc: 'local-controller' }

const setUp = async () => {
  const clock = virtualClock()
  const keys = keysOf(ROLES)
  const make = (id: string, uplinks: string[] = [], store: Store = memoryStore()) => makeNetwork(clock, { id, uplinks }, { keys, store })
  const stores = { lc: memoryStore(), gateway: memoryStore() }
  const csms = make('csms')
  const gateway = make('gateway', ['csms'], stores.gateway)
  const lc = make('lc', ['gateway'], stores.lc)
  await dial(gateway, csms)
  const wire = await dial(lc, gateway)
  const write = (node: NetworkNode, text: string) => node.journal.write({ kind: 'order-accepted', subject: 'x', text })
  return { clock, keys, make, stores, csms, gateway, lc, wire, write }
}
const newest = (node: NetworkNode, of: string) => node.witness.book.of(of).at(-1)?.head.seq
const alarms = (node: NetworkNode) =>
  node.journal.read(0, 999).flatMap(({ kind, rule, subject }) => (kind === 'security' ? [`${rule} ${subject}`] : []))

describe('a head', () => {
  it('reaches every node within seconds of a decision, and is held over restarts', async () => {
    const { clock, csms, gateway, lc, write, stores } = await setUp()
    await write(lc, 'a')
    const { seq } = lc.journal.newest()
    await clock.advance(12_000)
    expect(newest(gateway, 'lc')).toBeGreaterThanOrEqual(seq)
    expect(newest(csms, 'lc')).toBeGreaterThanOrEqual(seq)
    expect(new HeadBook(stores.gateway).of('lc').at(-1)).toEqual(gateway.witness.book.of('lc').at(-1))
    expect(gateway.journal.read(0, 99).filter(({ kind, subject }) => kind === 'head' && subject === 'lc')).toHaveLength(1)
    expect([csms, gateway, lc].flatMap(alarms)).toEqual([])
  })

  it('is sent at a bounded rate, and not at all where there is no news', async () => {
    const { clock, gateway, lc, write } = await setUp()
    await clock.advance(600_000)
    const quiet = lc.witness.book.own()?.head
    await clock.advance(3_000_000)
    expect(lc.witness.book.own()?.head).toEqual(quiet)
    for (let i = 0; i < 100; i++) {
      await write(lc, `${i}`)
      await clock.advance(100)
    }
    await clock.advance(10_000)
    const before = lc.witness.book.own()?.head.before ?? []
    expect(before.filter(({ seq }) => seq > (quiet?.seq ?? 0)).length).toBeLessThanOrEqual(4)
    expect(newest(gateway, 'lc')).toBe(lc.journal.newest().seq)
  })
})

describe('whoever tampers is named by its neighbours', () => {
  it('a store that was set back: by the node itself, and by whoever holds a later head', async () => {
    const { clock, gateway, csms, lc, write, wire, make, keys } = await setUp()
    for (let i = 0; i < 5; i++) await write(lc, `${i}`)
    await clock.advance(12_000)
    wire.low.cut()
    lc.stop()
    await clock.advance(60_000)
    const again = make('lc', ['gateway'])
    await dial(again, gateway)
    await clock.advance(12_000)
    expect(alarms(again)).toEqual(['journal-set-back lc'])
    for (let i = 0; i < 12; i++) await write(again, `${i}`)
    await clock.advance(12_000)
    expect(alarms(gateway)).toContain('journal-split lc')
    expect(alarms(csms)).toContain('journal-split lc')
    const text = JSON.stringify(gateway.journal.read(0, 999))
    const report = audit([{ name: 'gateway', text }], { trust: keys.trust, engine })
    expect(report.findings.map(({ code, node }) => [code, node])).toContainEqual(['history-split', 'lc'])
  })

  it('a store and a clock that were set back, both: the node believes its neighbour and judges no time', async () => {
    const { clock, keys, gateway, lc, wire, write } = await setUp()
    const early = virtualClock(clock.now())
    await clock.advance(600_000)
    await write(lc, 'an order')
    await clock.advance(12_000)
    expect(newest(gateway, 'lc')).toBe(lc.journal.newest().seq)
    wire.low.close(1001, 'gone')
    lc.stop()
    await settle()
    const back = makeNetwork(early, { id: 'lc', uplinks: ['gateway'] }, { keys, store: memoryStore() })
    expect(back.guard.quality.state).toBe('free-running')
    await dial(back, gateway)
    await early.advance(1_000)
    expect(back.guard.quality.state).toBe('untrusted')
    expect(alarms(back)).toContain('journal-set-back lc')
    // and the neighbour takes nothing from the future of one whose clock is ahead
    const ahead = makeNetwork(virtualClock(clock.now() + 600_000), { id: 'csms', uplinks: ['gateway'] }, { keys })
    await write(ahead, 'early')
    await dial(ahead, gateway)
    await settle()
    expect(gateway.witness.book.of('csms').every(({ head }) => head.at <= clock.now())).toBe(true)
  })

  it('two histories: as soon as one of them reaches who holds the other, with both heads as proof', async () => {
    const { clock, keys, csms, gateway, lc, write } = await setUp()
    await write(lc, 'a')
    await clock.advance(12_000)
    const store = memoryStore()
    const forged = new Journal({ node: 'lc', store, engine, clock })
    for (let i = 0; i < lc.journal.newest().seq; i++) await forged.write({ kind: 'node', subject: 'x', text: 'another' })
    const signed = await new HeadBook(store).sign(forged.newest(), clock.now(), keys.identity('lc'))
    const heads = signed ? [headJson(signed)] : []
    const message = { type: SEND, id: '1', action: JOURNAL_HEADS, payload: payloadOf({ heads }) } as const
    const told = csms.guard.sealCall({ destination: ['gateway'], path: ['csms'], header: {}, message })
    gateway.overlay.send(told, fakePeer('csms'))
    await settle()
    const alarm = gateway.journal.read(0, 999).findLast(({ kind }) => kind === 'security')
    expect(alarm).toMatchObject({
      subject: 'lc',
      rule: 'journal-split',
      data: { hop: 'csms', heads: [{ head: { node: 'lc' } }, { head: { node: 'lc' } }] },
    })
  })

  it('but nobody by what a neighbour made up', async () => {
    const { clock, keys, gateway, lc, write } = await setUp()
    await write(lc, 'a')
    await clock.advance(12_000)
    const [held] = gateway.witness.book.of('lc')
    const before = gateway.journal.newest().seq
    const tell = async (heads: unknown, path = ['csms']) => {
      const message = { type: SEND, id: '1', action: JOURNAL_HEADS, payload: payloadOf({ heads } as never) } as const
      expect(gateway.witness.told({ destination: ['gateway'], path, header: {}, message })).toBe(true)
      await settle()
    }
    await tell(1)
    await tell(Array(99).fill(held))
    await tell([held], ['lc', 'csms'])
    expect(gateway.journal.newest().seq).toBe(before)
    await tell([{ ...held, head: { ...held?.head, hash: 'f'.repeat(64) } }])
    expect(gateway.journal.read(before, 9)).toMatchObject([{ kind: 'security', rule: 'head-signature' }])
    await tell([{ ...held, head: { ...held?.head, hash: 'e'.repeat(64) } }])
    expect(gateway.journal.newest().seq).toBe(before + 1)
    expect(keys.trust.knows('lc')).toBe(true)
  })
})

describe('the journals of a park', () => {
  it('are sound together, and say who limited the station and that it was obeyed', async () => {
    const park = await signedPark({ version: 'ocpp1.6' })
    for (const id of ['gateway', 'lc']) park.keys.trust.add({ node: id, role: id, publicKey: park.keys.identity(id).signer.publicKey })
    await park.order()
    await park.clock.advance(120_000)
    const files = await Promise.all(
      park.nodes.map(async ({ id, journal, witness }) => {
        const heads = await witness.held()
        return { name: id, text: [...journal.read(0, 999), ...heads].map((each) => JSON.stringify(each)).join('\n') }
      }),
    )
    const report = audit(files, { trust: park.keys.trust, engine }, { station: 'cs' })
    expect(report.findings.filter(({ code }) => code !== 'tail-unsigned' && code !== 'unwitnessed')).toEqual([])
    expect(report.orders).toMatchObject([
      {
        node: 'lc',
        action: 'SetLimit',
        decision: 'accepted',
        rule: 'grid-limit',
        by: [{ node: 'grid-operator', state: 'verified' }],
        obeyed: 'answered',
      },
    ])
  })
})
