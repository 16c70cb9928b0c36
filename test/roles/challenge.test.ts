// A controller that woke up in 1970: an operator's order is challenged, signed again and obeyed, with nobody to help.
import { describe, expect, it } from 'vitest'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { keysOf, memoryLinks, PING, stationOn, virtualClock } from '../overlay/support.ts'
import { dial, guardedStation, makeNetwork, statusOf } from './park.ts'

const ROLES = { 'grid-operator': 'grid-operator', lc: 'local-controller' }

describe('a controller that woke up in 1970', () => {
  it('obeys an order for its OCPP 1.6 station after it was signed with its challenge', async () => {
    const keys = keysOf(ROLES)
    const operator = makeNetwork(virtualClock(), { id: 'grid-operator' }, { keys })
    const lc = makeNetwork(virtualClock(0), { id: 'lc', uplinks: ['grid-operator'], backend: 'grid-operator' }, { keys })
    await dial(lc, operator)
    const [near, far] = memoryLinks()
    const station = stationOn(virtualClock(0), near, { version: 'ocpp1.6' })
    await lc.stationConnected(far, { stationId: 'cs', version: 'ocpp1.6' })
    // statements of 1970 are expired: the operator learns the way from a message
    await station.ask(PING, {})
    const { answer } = await operator.ask('cs', 'SetLimit', payloadOf({ limit: 5_000 }), { ocpp: 'ocpp1.6' })
    expect([statusOf(answer), station.calls.length]).toEqual(['Accepted', 1])
    const kinds = lc.journal.read(0, 99).flatMap(({ kind, rule }) => (kind.startsWith('order-') ? [`${kind} ${rule ?? ''}`.trim()] : []))
    expect(kinds).toEqual(['order-refused clock-untrusted', 'order-accepted grid-limit', 'order-answered'])
  })

  it('and so does a station of OCPP 2.1 that judges itself', async () => {
    const keys = keysOf({ ...ROLES, cs: 'station' })
    const clock = virtualClock()
    const operator = makeNetwork(clock, { id: 'grid-operator' }, { keys })
    const lc = makeNetwork(virtualClock(), { id: 'lc', uplinks: ['grid-operator'] }, { keys })
    await dial(lc, operator)
    const cs = await guardedStation(virtualClock(1_000), lc, { id: 'cs', version: 'ocpp2.1', keys })
    // whoever asks for its word believes it without its clock
    await clock.advance(400)
    const { answer } = await operator.ask('cs', 'SetLimit', payloadOf({ limit: 5_000 }), { ocpp: 'ocpp2.1' })
    expect([statusOf(answer), cs.obeyed.length]).toEqual(['Accepted', 1])
  })
})
