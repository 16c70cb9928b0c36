// Addresses of a door: for one station, one purpose, a time, and no longer; what it keeps tells nobody an address.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import { CALL, type Envelope, payloadOf } from '../../src/ocpp/frame.ts'
import { Door, type Errand, OPEN_DOOR, readAddress, writeOrder } from '../../src/roles/door.ts'
import { caught, engine, virtualClock } from '../overlay/support.ts'
import { fixedRandom } from '../support/fixed-random.ts'

const GET: Errand = { kind: 'get', content: 'ab'.repeat(32), size: 10, sha256: 'cd'.repeat(32) }
const PUT: Errand = { kind: 'put', folder: 'logs' }

const setUp = () => {
  const [store, clock] = [memoryStore(), virtualClock()]
  const admitted: string[] = []
  const guard = {
    admit: async ({ path }: Envelope) => {
      admitted.push(path[0] as string)
      return undefined as never
    },
    plain: (envelope: Envelope) => envelope,
  }
  const isHere = (station: string) => station === 'cs'
  const make = () =>
    new Door({ self: 'lc', store, clock, random: fixedRandom(7), engine, guard, url: 'http://lc:8083', lifeMs: 60_000, isHere })
  const door = make()
  const order = (payload: Json) =>
    door.answer({
      destination: ['lc'],
      path: ['csms'],
      header: {},
      message: { type: CALL, id: '1', action: OPEN_DOOR, payload: payloadOf(payload) },
    })
  const token = (url: string) => url.split('/')[4] ?? ''
  return { store, clock, admitted, make, door, order, token }
}

describe('an address of a door', () => {
  it('is for what was ordered, by whom the rules let order it, and over a restart', async () => {
    const it = setUp()
    const url = readAddress(await it.order(writeOrder('cs', GET)))
    expect(url).toMatch(/^http:\/\/lc:8083\/door\/[\w-]{43}$/)
    expect(it.admitted).toEqual(['csms'])
    expect(it.make().find(it.token(url), 'get')).toMatchObject({ station: 'cs', node: 'csms', errand: GET })
    expect(readAddress(await it.order(writeOrder('cs', PUT)))).toMatch(/\/$/)
  })

  it('is nothing for another purpose, another token, after its use and after its time', async () => {
    const it = setUp()
    const [one, other] = [await it.door.issue('cs', GET, 'csms'), await it.door.issue('cs', PUT, 'csms')]
    expect(it.door.find(it.token(one.url), 'put')).toBeUndefined()
    expect(it.door.find(`${it.token(one.url)}x`, 'get')).toBeUndefined()
    await it.door.used(it.token(one.url))
    expect(it.door.find(it.token(one.url), 'get')).toBeUndefined()
    await it.clock.advance(59_999)
    expect(it.door.find(it.token(other.url), 'put')).toBeDefined()
    await it.clock.advance(1)
    expect(it.door.find(it.token(other.url), 'put')).toBeUndefined()
    await it.door.issue('cs', GET, 'csms')
    expect(it.store.list('door-tickets')).toHaveLength(1)
  })

  it('is not what the store holds', async () => {
    const it = setUp()
    const { url } = await it.door.issue('cs', GET, 'csms')
    expect(JSON.stringify(it.store.list('door-tickets'))).not.toContain(it.token(url))
  })

  it.each<[string, Json]>([
    ['no station', { put: { folder: 'logs' } }],
    ['both', { ...writeOrder('cs', GET), put: { folder: 'logs' } }],
    ['neither', { station: 'cs' }],
    ['a folder outside', { station: 'cs', put: { folder: '../logs' } }],
    ['no content', { station: 'cs', get: { content: 'x', size: 1, sha256: 'cd'.repeat(32) } }],
    ['something more', { ...writeOrder('cs', PUT), more: 1 }],
    ['a station that is elsewhere', writeOrder('cs-2', GET)],
  ])('is not made with %s', async (_what, payload) => {
    const { order } = setUp()
    expect(await caught(order(payload))).toMatchObject({ code: expect.stringMatching(/payload-invalid|refused|unreachable/) })
  })
})
