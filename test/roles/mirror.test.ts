// A mirror that hears copies, one that is silent, one that comes and goes: the station and its own back end feel none of it.
import { expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Link } from '../../src/base/ports.ts'
import { type Call, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { MirrorSession, watched } from '../../src/roles/mirror.ts'
import { MirrorOutbox } from '../../src/roles/mirror-outbox.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { memoryLinks } from '../support/memory-link.ts'
import { settle, virtualClock } from '../support/virtual-clock.ts'

const setUp = (version: Version = 'ocpp2.0.1') => {
  const clock = virtualClock()
  const outbox = new MirrorOutbox({ store: memoryStore(), name: 'm', clock, limit: 10, failed: () => undefined })
  const dials: { up: (link: Link) => void; failed: (fault: Fault) => void }[] = []
  const commands: Call[] = []
  const flaws: string[] = []
  const ended: MirrorSession[] = []
  const session = new MirrorSession(
    { id: 'cs', version },
    {
      door: {
        name: 'm',
        dial: (_, told) => {
          dials.push(told)
          return () => undefined
        },
      },
      outbox,
      clock,
      random: fixedRandom(1),
      async command(_, call) {
        commands.push(call)
        if (call.action !== 'ClearCache') throw new Fault('refused', 'not you')
        return { type: RESULT, id: call.id, payload: payloadOf({ status: 'Accepted' }) }
      },
      failed: (fault) => flaws.push(fault.code),
      ended: (which) => ended.push(which),
    },
  )
  /** The mirror takes the connection; `answer` says what it answers to a CALL. */
  const takes = (answer?: (id: string) => string) => {
    const [near, far] = memoryLinks()
    const heard: string[] = []
    const closed: number[] = []
    far.open({
      text(frame) {
        heard.push(frame)
        const [type, id] = JSON.parse(frame)
        if (type === 2 && answer) far.send(answer(id))
      },
      binary: () => undefined,
      closed: (code) => closed.push(code),
    })
    dials.at(-1)?.up(near)
    return { far, heard, closed }
  }
  return { clock, outbox, session, dials, takes, commands, flaws, ended }
}

const result = (id: string): string => `[3,"${id}",{"currentTime":"2026-11-02T08:00:00Z"}]`
const beat = (id: string): string => `[2,"${id}","Heartbeat",{}]`

it('hears what was said before and after it came, one after the other, whatever it answers', async () => {
  const { session, takes, outbox } = setUp()
  session.see(beat('1'))
  const { heard } = takes((id) => (id === '1' ? `[4,"1","GenericError","",{}]` : result(id)))
  session.see(beat('2'))
  await settle()
  expect([heard, outbox.waiting, outbox.counters]).toEqual([[beat('1'), beat('2')], 0, { sent: 2, received: 2 }])
})

const stream = (id: string, more = ''): string =>
  `[6,"${id}","NotifyPeriodicEventStream",{"id":1,"pending":0,"basetime":"2026-11-02T08:00:00Z","data":[{"t":0.5,"v":"7"}]${more}}]`

it('hears SENDs in their place among the CALLs, where the version has them', async () => {
  const { session, takes, outbox } = setUp('ocpp2.1')
  for (const frame of [beat('1'), stream('2'), stream('3', ',"odd":1'), beat('4')]) session.see(frame)
  const { heard } = takes(result)
  await settle()
  expect([heard, outbox.waiting, outbox.counters]).toEqual([[beat('1'), stream('2'), beat('4')], 0, { sent: 3, received: 3 }])

  const older = setUp('ocpp2.0.1')
  older.session.see(stream('1'))
  expect(older.outbox.waiting).toBe(0)
})

it('gets a SEND again when there was no sign of life behind it', async () => {
  const { session, takes, clock, outbox } = setUp('ocpp2.1')
  const first = takes()
  first.far.cut()
  session.see(stream('1'))
  await settle()
  expect([first.heard, session.isUp, outbox.waiting]).toEqual([[], false, 1])
  await clock.advance(4_000)
  const { heard } = takes()
  await settle()
  expect([heard, outbox.waiting, outbox.dropped]).toEqual([[stream('1')], 0, 0])
})

it('hears CALLs and SENDs that are sound, and nothing else', async () => {
  const { session, takes } = setUp()
  const { heard } = takes(result)
  for (const frame of ['no frame', '[3,"1",{}]', '[2,"1","Heartbeat",{"wrong":1}]', '[2,"2","MakeTea",{"odd":1.50}]']) session.see(frame)
  await settle()
  expect(heard).toEqual(['[2,"2","MakeTea",{"odd":1.50}]'])
})

it('is given a message three times when it does not answer, and then the next', async () => {
  const { session, takes, clock, outbox, dials } = setUp()
  session.see(beat('1'))
  session.see(beat('2'))
  const silent = []
  for (let i = 0; i < 3; i++) {
    const mirror = takes()
    silent.push(mirror)
    await clock.advance(30_000)
    expect([mirror.heard, mirror.closed, session.isUp]).toEqual([[beat('1')], [1008], false])
    await clock.advance(20_000)
    expect(dials.length).toBe(i + 2)
  }
  expect([outbox.waiting, outbox.dropped]).toEqual([1, 1])
  const { heard } = takes(result)
  await settle()
  expect([heard, outbox.waiting]).toEqual([[beat('2')], 0])
})

it('gets again what it had not answered when its connection broke, after a wait that doubles', async () => {
  const { session, takes, clock, outbox, dials } = setUp()
  session.see(beat('1'))
  const first = takes()
  await settle()
  first.far.close(1001, 'away')
  await settle()
  dials[0] = { up: () => undefined, failed: () => undefined }
  await clock.advance(2_000)
  expect(dials.length).toBe(2)
  dials.at(-1)?.failed(new Fault('unreachable', 'away'))
  await clock.advance(1_900)
  expect(dials.length).toBe(2)
  await clock.advance(2_200)
  expect(dials.length).toBe(3)
  const { heard } = takes(result)
  await settle()
  expect([heard, outbox.waiting, outbox.dropped]).toEqual([[beat('1')], 0, 0])
})

it('commands what it may; the rest is a SecurityError', async () => {
  const { takes, commands } = setUp()
  const { far, heard } = takes()
  far.send('[2,"x","ClearCache",{}]')
  await settle()
  far.send('[2,"y","Reset",{"type":"OnIdle"}]')
  await settle()
  expect(commands.map(({ id }) => id)).toEqual(['x', 'y'])
  expect(heard[0]).toBe('[3,"x",{"status":"Accepted"}]')
  expect(JSON.parse(heard[1] ?? '').slice(0, 3)).toEqual([4, 'y', 'SecurityError'])
})

it('ends with the station’s connection, and for good', async () => {
  const { session, takes, clock, dials, ended } = setUp()
  const { closed } = takes(result)
  const [near, far] = memoryLinks()
  const told: string[] = []
  watched(near, [session]).open({ text: (t) => told.push(t), binary: () => told.push('binary'), closed: (code) => told.push(`${code}`) })
  far.open({ text: () => undefined, binary: () => undefined, closed: () => undefined })
  far.send(beat('1'))
  far.send(new Uint8Array(1))
  far.close(4000, 'over')
  await clock.advance(300_000)
  expect([told, closed, dials.length, session.isUp, ended]).toEqual([[beat('1'), 'binary', '4000'], [4000], 1, false, [session]])
})
