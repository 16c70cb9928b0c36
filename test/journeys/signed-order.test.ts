// The grid operator's signed order through machines that belong to others: obeyed where it is right; where it is wrong the
// answer and the station's journal say who refused it and by which rule.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FLOOR_W, LIMITED, OTHER } from '../../apps/park/events.ts'
import { forgedIdentity, limit, limitProfile, type OrderOutcome, order, replay } from '../../apps/park/orders.ts'
import type { Park } from '../../apps/park/park.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import type { Json } from '../../src/base/ports.ts'
import { Journal } from '../../src/overlay/journal.ts'
import { apiAt } from '../support/api.ts'
import { openPark, type TestPark } from '../support/park.ts'
import { TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

let opened: TestPark
let park: Park

beforeAll(async () => {
  opened = await openPark()
  park = opened.park
  for (const id of [LIMITED.id, 'cs-16-a']) {
    park.station(id).plugIn(1)
    await park.station(id).present(1, 'DEADBEEF')
  }
  await until(() => power(LIMITED.id) > FLOOR_W && power('cs-16-a') > FLOOR_W, 'both cars to charge')
})

afterAll(() => opened.close())

const power = (id: string): number => park.station(id).state[0]?.powerW ?? 0
const operator = () => park.network('grid-operator')
const old = { id: 'cs-16-a', version: 'ocpp1.6' } as const

/** Of what a journal holds, what comes by itself after a decision. */
const NO_DECISION: readonly unknown[] = ['order-answered', 'power-measured', 'head']

/** The last decision in a node's journal, as its store keeps it. */
const lastEntry = (node: string): { readonly [name: string]: Json | undefined } => {
  const journal =
    park.nodes.get(node)?.network?.journal ?? new Journal({ node, store: park.store(node), engine: nodeEngine(), clock: systemClock })
  return { ...journal.read(0, 10_000).findLast(({ kind }) => !NO_DECISION.includes(kind)) }
}

const judged = (outcome: OrderOutcome): string =>
  outcome.rule === undefined ? `${outcome.status} by ${outcome.at}` : `refused by ${outcome.at}, rule ${outcome.rule}`

describe('an order that is right', () => {
  it('is obeyed by a station of OCPP 2.1, which signs its answer and writes it down', async () => {
    const outcome = await limit(operator(), LIMITED, FLOOR_W)
    expect(judged(outcome)).toBe('Accepted by cs-21-a')
    const [signature] = operator().guard.judge({ ...outcome.answer, question: outcome.question })
    expect(signature).toMatchObject({ state: 'valid', key: { node: 'cs-21-a', role: 'station' } })
    await until(() => power(LIMITED.id) > 0 && power(LIMITED.id) <= FLOOR_W, 'the car to slow down')
    expect(lastEntry(LIMITED.id)).toMatchObject({ kind: 'order-accepted', subject: 'grid-operator', rule: 'grid-limit' })
  })

  it('reaches a station of OCPP 1.6 through its controller, which decides in its stead', async () => {
    expect(judged(await limit(operator(), old, FLOOR_W))).toBe('Accepted by cs-16-a')
    await until(() => power(old.id) > 0 && power(old.id) <= FLOOR_W, 'the car to slow down')
    expect(lastEntry('lc1')).toMatchObject({ kind: 'order-accepted', subject: 'grid-operator', rule: 'grid-limit-16' })
  })

  it("is given over the grid operator's own management API too", async () => {
    const api = apiAt(opened.port + 5, TOKEN)
    const outcome = await api.call(LIMITED.id, 'SetChargingProfile', limitProfile(LIMITED.version, 6_000))
    expect(outcome).toMatchObject({ status: 'result', payload: { status: 'Accepted' }, path: ['cs-21-a', 'lc1', 'gateway', 'csms'] })
    expect(outcome.signatures).toMatchObject([{ state: 'valid', node: 'cs-21-a', role: 'station' }])
    await until(() => power(LIMITED.id) > FLOOR_W && power(LIMITED.id) <= 6_000, 'the car to follow')
    // nobody told this node what the station speaks, so it is said with the order
    const order = { action: 'SetChargingProfile', payload: limitProfile(old.version, 6_000), protocol: old.version }
    const { body } = await api.post(`/stations/${old.id}/calls`, order)
    expect(body).toMatchObject({ status: 'result', payload: { status: 'Accepted' } })
    expect(await api.call(LIMITED.id, 'SetChargingProfile', limitProfile(LIMITED.version, 0))).toMatchObject({
      status: 'error',
      code: 'SecurityError',
      at: 'cs-21-a',
      description: expect.stringContaining('grid-limit'),
    })
    expect(await api.call('nobody', 'Reset', { type: 'OnIdle' })).toMatchObject({ status: 'error', code: 'GenericError', at: 'csms' })
    expect((await api.post('/stations/no%2Fname/calls', { action: 'Reset', payload: {} })).status).toBe(404)
  })
})

describe('an order that is wrong is refused, and it is said by whom and why:', () => {
  const meter = () => park.nodes.get('grid-meter')?.identity
  const stranger = () => forgedIdentity(park.dataDir, 'grid-operator')
  const attempts: readonly [string, string, () => Promise<OrderOutcome>][] = [
    ['of a key that nobody knows', 'signature-unknown-key', () => limit(operator(), LIMITED, FLOOR_W, { identity: stranger() })],
    ['in another role', 'deny-by-default', () => limit(operator(), LIMITED, FLOOR_W, { identity: meter() ?? stranger() })],
    ['outside its role', 'grid-limit', () => limit(operator(), LIMITED, FLOOR_W - 1)],
    ['expired', 'signature-expired', () => limit(operator(), LIMITED, FLOOR_W, { expiresInSeconds: -1 })],
    ['for another station', 'signature-wrong-audience', () => limit(operator(), LIMITED, FLOOR_W, { audience: OTHER.id })],
    ['given twice', 'signature-replayed', async () => replay(operator(), (await limit(operator(), LIMITED, FLOOR_W)).question)],
  ]
  it.each(attempts)('%s', async (_, rule, attempt) => {
    const before = lastEntry(LIMITED.id).seq as number
    const outcome = await attempt()
    expect(judged(outcome)).toBe(`refused by cs-21-a, rule ${rule}`)
    expect(outcome.description).toContain(rule)
    const entry = lastEntry(LIMITED.id)
    expect(entry).toMatchObject({ kind: 'order-refused', subject: rule === 'deny-by-default' ? 'grid-meter' : 'grid-operator', rule })
    expect(entry.seq as number).toBeGreaterThan(before)
  })

  it('with its signature taken off: the first honest node stops it and writes it down', async () => {
    const outcome = await limit(operator(), LIMITED, FLOOR_W, false)
    expect(judged(outcome)).toBe('refused by csms, rule signature-present')
    await until(() => lastEntry('csms').rule === 'signature-present', 'the line in the journal')
    expect(lastEntry('csms')).toMatchObject({ kind: 'message-refused', subject: 'grid-operator', data: { hop: 'grid-operator' } })
  })

  it("unsigned, from the station's own controller: the station refuses and writes it down", async () => {
    expect(judged(await limit(park.network('lc1'), LIMITED, FLOOR_W, false))).toBe('refused by cs-21-a, rule deny-by-default')
    expect(lastEntry(LIMITED.id)).toMatchObject({ kind: 'order-refused', subject: 'unsigned', rule: 'deny-by-default' })
    expect(judged(await limit(park.network('lc1'), LIMITED, FLOOR_W))).toBe('refused by cs-21-a, rule deny-by-default')
  })

  it.each([LIMITED, old])('altered on the way to $id: the next node stops it and names the hop', async (station) => {
    const power = `"limit":${FLOOR_W}`
    park.wire.alter = ({ direction, text }) => (direction === 'down' ? text.replace(power, '"limit":99999') : text)
    try {
      const outcome = await limit(operator(), station, FLOOR_W)
      expect(judged(outcome)).toBe('refused by lc1, rule signature-intact')
      await until(() => lastEntry('lc1').rule === 'signature-intact', 'the line in the journal')
      expect(lastEntry('lc1')).toMatchObject({ kind: 'message-refused', subject: 'grid-operator', data: { hop: 'gateway' } })
    } finally {
      park.wire.alter = undefined
    }
  })

  it('to a station of OCPP 1.6: its controller refuses in its stead', async () => {
    expect(judged(await limit(operator(), old, FLOOR_W, { identity: stranger() }))).toBe('refused by lc1, rule signature-unknown-key')
    expect(judged(await limit(operator(), old, 0))).toBe('refused by lc1, rule grid-limit-16')
    expect(lastEntry('lc1')).toMatchObject({ kind: 'order-refused', subject: 'grid-operator', rule: 'grid-limit-16' })
    // nor may it take back profiles that are not its own: with no id at all, or another's, that is everybody's
    for (const payload of [{}, { id: 7 }, { connectorId: 0 }])
      expect(judged(await order(operator(), old, { action: 'ClearChargingProfile', payload }))).toBe('refused by lc1, rule grid-release-16')
    expect(judged(await order(operator(), old, { action: 'ClearChargingProfile', payload: { id: 14 } }))).toBe('Accepted by cs-16-a')
  })
})
