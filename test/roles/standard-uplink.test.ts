// A station and its foreign back end on memory links: what passes, what waits, what is answered in between, and how it ends.
import { describe, expect, it } from 'vitest'
import { Fault, type FaultData } from '../../src/base/fault.ts'
import type { Link } from '../../src/base/ports.ts'
import { CALL, type Envelope, payloadOf } from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import type { ForeignDoor } from '../../src/roles/foreign-door.ts'
import type { Passing } from '../../src/roles/standard-side.ts'
import { type StandardOptions, StandardUplink } from '../../src/roles/standard-uplink.ts'
import { type MemoryLink, memoryLinks } from '../support/memory-link.ts'
import { settle, virtualClock } from '../support/virtual-clock.ts'

interface End {
  readonly link: MemoryLink
  readonly heard: string[]
  readonly closed: [number, string][]
}

const endOf = (link: MemoryLink): End => {
  const end: End = { link, heard: [], closed: [] }
  link.open({
    text: (frame) => end.heard.push(frame),
    binary: (frame) => end.heard.push(`binary ${frame.length}`),
    closed: (code, reason) => end.closed.push([code, reason]),
  })
  return end
}

const setUp = (options: { version?: Version } & Partial<Pick<StandardOptions, 'validate' | 'screen'>> = {}) => {
  const { version = 'ocpp2.1', validate = 'strict', screen = () => Promise.resolve() } = options
  const clock = virtualClock()
  const [near, far] = memoryLinks()
  const [up, above] = memoryLinks()
  const station = endOf(near)
  const backend = endOf(above)
  const dialled: { up: (link: Link) => void; failed: (fault: Fault) => void }[] = []
  const cancelled: number[] = []
  const door: ForeignDoor = {
    name: 'csms',
    dial(_, told) {
      dialled.push(told)
      return () => cancelled.push(1)
    },
  }
  const flaws: Fault[] = []
  const seen: Passing[] = []
  const ended: string[] = []
  const told = { flaw: (fault: Fault) => flaws.push(fault), closed: () => ended.push('closed') }
  const parts = { station: { id: 'cs', version }, door, validate, clock, screen, seen: (passing: Passing) => seen.push(passing) }
  const uplink = new StandardUplink(far, parts, told)
  const answer = async (isUp = true): Promise<void> => {
    if (isUp) dialled[0]?.up(up)
    await settle()
  }
  const refuse = async (code: 'refused' | 'unreachable', data: FaultData = {}): Promise<void> => {
    dialled[0]?.failed(new Fault(code, 'no', data))
    await settle()
  }
  const say = async (end: End, ...frames: string[]): Promise<void> => {
    for (const frame of frames) end.link.send(frame)
    await settle()
  }
  return { clock, station, backend, uplink, answer, refuse, say, flaws, seen, ended, cancelled }
}

const BEAT = '[2, "a" ,"Heartbeat", { } ]'
const BEAT_ANSWER = '[3,"a",{"currentTime" : "2026-11-02T08:00:00Z"}]'
const RESET = '[2,"b","Reset",{"type":"OnIdle"}]'
const own = (id: string): Envelope => ({
  destination: ['cs'],
  path: ['front'],
  header: {},
  message: { type: CALL, id, action: 'ClearCache', payload: payloadOf({}) },
})

describe('a standard uplink', () => {
  it('keeps what a station says until the back end is there, and passes frames as they came', async () => {
    const { station, backend, answer, say, seen, uplink } = setUp()
    await say(station, BEAT)
    expect([backend.heard, uplink.isUp]).toEqual([[], false])
    await answer()
    await say(backend, BEAT_ANSWER)
    expect([backend.heard, station.heard, uplink.isUp]).toEqual([[BEAT], [BEAT_ANSWER], true])
    expect(seen.map(({ way, question }) => [way, question?.action])).toEqual([
      ['up', undefined],
      ['down', 'Heartbeat'],
    ])
  })

  it('keeps no more than its bound', async () => {
    const { station, say, cancelled, ended } = setUp()
    for (let i = 0; i < 65; i++) await say(station, BEAT)
    expect([station.closed, cancelled, ended]).toEqual([[[1008, 'sends faster than is taken']], [1], ['closed']])
  })

  it.each([
    ['refused', { status: 404 }, 1008, 'the back end refused the connection with 404'],
    ['refused', { status: 401 }, 1008, 'the back end refused the connection with 401'],
    ['refused', {}, 1002, 'the back end does not speak this version'],
    ['unreachable', {}, 1013, 'the back end cannot be reached'],
  ] as const)('tells the station that it was %s %j by closing with %i', async (code, data, closed, reason) => {
    const { station, refuse, ended } = setUp()
    await refuse(code, data)
    expect([station.closed, ended]).toEqual([[[closed, reason]], ['closed']])
  })

  it('ends both sockets together, from either side, and says so once', async () => {
    for (const which of ['station', 'backend'] as const) {
      const { station, backend, answer, ended, [which]: first } = { ...setUp() }
      await answer()
      first.link.close(4000, 'over')
      await settle()
      expect([station.closed, backend.closed, ended]).toEqual([[[4000, 'over']], [[4000, 'over']], ['closed']])
    }
  })

  it('gives an answer that breaks its schema to nobody: the one who asked gets an error', async () => {
    for (const [version, told] of [
      ['ocpp2.1', 1],
      ['ocpp2.0.1', 0],
    ] as const) {
      const { station, backend, answer, say } = setUp({ version })
      await answer()
      await say(station, BEAT)
      await say(backend, '[3,"a",{"currentTime":1}]')
      expect(JSON.parse(station.heard[0] ?? '').slice(0, 3)).toEqual([4, 'a', 'TypeConstraintViolation'])
      expect(backend.heard.slice(1).filter((frame) => frame.startsWith('[5,"a"'))).toHaveLength(told)
      // and nothing waits for it any more
      await say(backend, BEAT_ANSWER)
      expect(station.heard).toHaveLength(1)
    }
  })

  it('passes what breaks its schema where it is told to, and nothing that is no frame', async () => {
    const { station, backend, answer, say } = setUp({ validate: 'pass' })
    await answer()
    const wrong = '[2,"a","Heartbeat",{"wrong":true}]'
    await say(station, wrong, '[2,"c","Heartbeat",{"a":1,"a":2}]')
    await say(backend, '[3,"a",{"currentTime":1}]')
    expect(backend.heard).toEqual([wrong])
    expect(station.heard.map((frame) => JSON.parse(frame).slice(0, 2))).toEqual([
      [4, 'c'],
      [3, 'a'],
    ])
  })

  it('ends a question with an error where the answer is no frame, and drops answers to none', async () => {
    const { station, backend, answer, say, flaws } = setUp()
    await answer()
    await say(station, BEAT)
    await say(backend, '[3,"zzz",{}]', '[3,"a",7]')
    expect(station.heard.map((frame) => JSON.parse(frame).slice(0, 2))).toEqual([[4, 'a']])
    expect(flaws.map(({ code }) => code)).toEqual(['frame-malformed', 'frame-malformed'])
  })

  it('SEND and CALLRESULTERROR pass in OCPP 2.1 and in no other', async () => {
    const send = '[6,"s","org.example.Note",{}]'
    const complaint = '[5,"a","GenericError","",{}]'
    for (const [version, passed] of [
      ['ocpp2.1', [send, complaint]],
      ['ocpp2.0.1', []],
    ] as const) {
      const { station, backend, answer, say } = setUp({ version })
      await answer()
      await say(station, send, complaint)
      expect(backend.heard).toEqual(passed)
    }
  })

  it('binary frames go nowhere', async () => {
    const { station, backend, answer, flaws } = setUp()
    await answer()
    station.link.send(new Uint8Array(3))
    await settle()
    expect([backend.heard, flaws.length]).toEqual([[], 1])
  })

  it('what the screen refuses is answered with an error and goes no further', async () => {
    const screen: StandardOptions['screen'] = ({ way, message }) =>
      way === 'down' && message.type === CALL ? Promise.reject(new Fault('refused', 'not you', { rule: 'r' })) : Promise.resolve()
    const { station, backend, answer, say } = setUp({ screen })
    await answer()
    await say(backend, RESET)
    expect(station.heard).toEqual([])
    expect(JSON.parse(backend.heard[0] ?? '')).toMatchObject([4, 'b', 'SecurityError', 'not you', { rule: 'r' }])
  })

  it('a hundred flaws in a row end it', async () => {
    const { station, answer, say } = setUp()
    await answer()
    for (let i = 0; i < 100; i++) await say(station, 'no frame')
    expect(station.closed).toEqual([[1008, 'too many flaws']])
  })

  it('a peer that does not read ends it', async () => {
    const { station, backend, answer, say } = setUp()
    await answer()
    if (backend.link.peer) Object.defineProperty(backend.link.peer, 'waiting', { value: 5_000_000 })
    await say(station, BEAT)
    expect(station.closed).toEqual([[1008, 'reads too slowly']])
  })
})

describe('our own calls beside the back end’s', () => {
  it('are answered to us only, and the back end’s wait for them', async () => {
    const { station, backend, answer, say, uplink } = setUp()
    await answer()
    const asked = uplink.request(own('ours'), 5_000)
    await say(backend, RESET)
    expect([station.heard, uplink.waiting]).toEqual([['[2,"ours","ClearCache",{}]'], 2])
    await say(station, '[3,"ours",{"status":"Accepted"}]')
    expect(station.heard).toEqual(['[2,"ours","ClearCache",{}]', RESET])
    await say(station, '[3,"b",{"status":"Accepted"}]')
    expect(backend.heard).toEqual(['[3,"b",{"status":"Accepted"}]'])
    expect((await asked).message).toMatchObject({ id: 'ours', payload: { value: { status: 'Accepted' } } })
  })

  it('wait while the station answers the back end', async () => {
    const { station, backend, answer, say, uplink } = setUp()
    await answer()
    await say(backend, RESET)
    const asked = uplink.request(own('ours'), 5_000)
    await settle()
    expect(station.heard).toEqual([RESET])
    await say(station, '[3,"b",{"status":"Accepted"}]')
    await say(station, '[4,"ours","NotSupported","",{}]')
    expect(station.heard).toEqual([RESET, '[2,"ours","ClearCache",{}]'])
    expect((await asked).message).toMatchObject({ code: 'NotSupported' })
  })

  it('end in time, let the back end’s through, and an answer that comes late is nobody’s', async () => {
    const { station, backend, answer, say, uplink, clock } = setUp()
    await answer()
    const asked = uplink.request(own('ours'), 5_000).catch((fault: Fault) => fault.code)
    await say(backend, RESET)
    await clock.advance(5_000)
    expect(await asked).toBe('timeout')
    expect(station.heard).toEqual(['[2,"ours","ClearCache",{}]', RESET])
    await say(station, '[3,"ours",{"status":"Accepted"}]')
    expect(backend.heard).toEqual([])
  })

  it('an answer that cannot be used, and the end of the connection, are told to who asked', async () => {
    const { station, backend, answer, say, uplink } = setUp({ validate: 'pass' })
    await answer()
    const first = uplink.request(own('one'), 5_000).catch((fault: Fault) => fault.code)
    await settle()
    await say(station, '[3,"one",{"status":"Rather"}]')
    const second = uplink.request(own('two'), 5_000).catch((fault: Fault) => fault.code)
    await settle()
    await say(station, '[3,"two",7]')
    const third = uplink.request(own('three'), 5_000).catch((fault: Fault) => fault.code)
    await settle()
    uplink.close(1001, 'done')
    expect(await Promise.all([first, second, third])).toEqual(['payload-invalid', 'frame-malformed', 'link-lost'])
    await settle()
    expect(backend.closed).toEqual([[1001, 'done']])
  })

  it('of another version are not sent', async () => {
    const { uplink } = setUp()
    await expect(uplink.request({ ...own('x'), header: { ocpp: 'ocpp1.6' } }, 1_000)).rejects.toMatchObject({ code: 'payload-invalid' })
  })
})
