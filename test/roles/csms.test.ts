import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import { CALL, type Envelope, payloadOf } from '../../src/ocpp/frame.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { csmsLocal } from '../../src/roles/csms.ts'
import { CsmsDesk } from '../../src/roles/csms-desk.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { virtualClock } from '../support/virtual-clock.ts'
import { testDesk } from './support/test-desk.ts'

const metered = (value: Json): Json => ({
  evseId: 1,
  meterValue: [{ timestamp: '2026-03-01T08:00:00Z', sampledValue: [{ value, measurand: 'Power.Active.Import' }] }],
})

describe('the back end of an overlay', () => {
  const clock = virtualClock()
  const store = memoryStore()
  const desk = new CsmsDesk({ store, clock, random: fixedRandom(1), settings: { heartbeatSeconds: 300, tokens: {} } })
  const local = csmsLocal({
    desk,
    clock,
    links: () => {
      throw new Error('no link is looked at here')
    },
    notes: () => {
      throw new Error('nobody tells of a journal here')
    },
    flaw: () => undefined,
  })
  const neighbour: Peer = {
    id: 'lc',
    kind: 'node',
    waiting: 0,
    counters: { sent: 0, received: 0 },
    request: () => Promise.reject(new Error('nobody is asked')),
    send: () => undefined,
    alive: () => Promise.resolve(true),
    close: () => undefined,
  }
  const envelope = (payload: Json): Envelope => ({
    destination: ['csms'],
    path: ['CS1', 'lc'],
    header: { ocpp: 'ocpp2.0.1' },
    message: { type: CALL, id: '1', action: 'MeterValues', payload: payloadOf(payload) },
  })

  it('checks what another node brings, whatever that node checked', async () => {
    expect((await local.call(envelope(metered(5)), neighbour)).value).toEqual({})
    await expect(local.call(envelope(metered('5')), neighbour)).rejects.toMatchObject({ code: 'payload-invalid', data: { kind: 'type' } })
    await expect(local.call(envelope(metered('5')))).rejects.toMatchObject({ code: 'payload-invalid' })
    expect(store.list('meters')).toHaveLength(1)
  })
})

describe('MeterValues of OCPP 2.x that are repeated', () => {
  it('leave the same rows, and no memory of their answers', async () => {
    const { say, store } = testDesk('ocpp2.0.1')
    const payload = metered(5) as { readonly [key: string]: Json }
    expect(await say('MeterValues', payload, { id: '1' })).toEqual({})
    const kept = store.list('meters')
    expect(kept).toHaveLength(1)
    expect(await say('MeterValues', payload, { id: '1' })).toEqual({})
    expect(store.list('meters')).toEqual(kept)
    expect(store.list('answers')).toEqual([])
  })

  it('of OCPP 1.6 are remembered: there they may be of a transaction', async () => {
    const { say, store } = testDesk('ocpp1.6')
    await say(
      'MeterValues',
      { connectorId: 1, meterValue: [{ timestamp: '2026-03-01T08:00:00Z', sampledValue: [{ value: '5' }] }] },
      { id: '1' },
    )
    expect(store.list('answers')).toHaveLength(1)
  })
})
