// A station of OCPP 2.x whose clock is wrong learns the time from the signed answers to its BootNotification and Heartbeat, and from no others.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/bytes.ts'
import { signDetached } from '../../src/crypto/jws.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { CALL, type Call, type Message, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { foldedMessage } from '../../src/overlay/custom-data.ts'
import { SteeredClock } from '../../src/overlay/steered-clock.ts'
import { stationGuard } from '../../src/roles/station-guard.ts'
import { StationTime } from '../../src/roles/station-time.ts'
import { engine, keysOf, makeGuard, settle, signerOf, virtualClock } from '../overlay/support.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 5, 1)

const setUp = (wrongBy: number, from = ['csms']) => {
  const keys = keysOf({ csms: 'csms', lc: 'local-controller', cs: 'station' })
  const machine = virtualClock(NOW)
  machine.shift(wrongBy)
  const clock = new SteeredClock(machine)
  const { guard, journal } = makeGuard(machine, 'cs', { trust: keys.trust, identity: keys.identity('cs'), clock, source: clock })
  const faults: string[] = []
  const failed = ({ code }: { code: string }) => void faults.push(code)
  const time = new StationTime({ self: 'cs', clock, from, guard, trust: keys.trust, journal, failed })
  const door = stationGuard(guard, { id: 'cs', version: 'ocpp2.1', backend: 'csms' }, { time })
  /** Asks, and is answered after so many milliseconds, signed by that node for that question. */
  const heartbeat = async (parts: { by?: string; id?: string; tripMs?: number; action?: string; at?: number; to?: Call } = {}) => {
    const { by = 'csms', id = 'h1', tripMs = 100, action = 'Heartbeat', at = NOW } = parts
    const call: Call = { type: CALL, id, action, payload: payloadOf({}) }
    const asked = door.sealCall(call)
    await machine.advance(tripMs)
    const judge = makeGuard(virtualClock(at), by, { trust: keys.trust, identity: keys.identity(by) }).guard
    const said = (message: Message, path: string, to: string) => ({
      destination: [to],
      path: [path],
      header: { ocpp: 'ocpp2.1' as const },
      message,
    })
    const question = said(parts.to ?? call, 'cs', 'csms')
    const signed = { ...question, header: { ...question.header, signatures: [{ protected: '', signature: '' }] } }
    const bare = said({ type: RESULT, id, payload: payloadOf({ currentTime: new Date(at).toISOString() }) }, by, 'cs')
    const { message, header } = judge.sealAnswer(signed, bare)
    await door.opened(asked, foldedMessage(message, header.signatures, 'ocpp2.1') as Message & { type: typeof RESULT })
    await settle()
  }
  return { keys, machine, clock, guard, heartbeat, faults, journal, door }
}

describe.each([
  ['a day ahead', DAY],
  ['a day behind', -DAY],
  ['at 1970', -NOW],
  ['ten years ahead', 3_652 * DAY],
])('a station whose clock is %s', (_name, wrongBy) => {
  it('reads it with an offset after the first signed answer', async () => {
    const { guard, clock, heartbeat, faults, journal } = setUp(wrongBy)
    expect(guard.quality.state).toBe('untrusted')
    await heartbeat()
    expect([guard.quality.state, clock.now(), guard.quality.bound]).toEqual(['trusted', NOW + 50, 1_050])
    expect([faults, journal.read(0, 9).map(({ rule }) => rule)]).toEqual([[], ['clock-stepped']])
  })
})

describe('a station does not learn the time', () => {
  it.each<[string, Parameters<ReturnType<typeof setUp>['heartbeat']>[0]]>([
    ['from its controller, which answers in the back end’s place', { by: 'lc' }],
    ['from an answer that took too long', { tripMs: 2_500 }],
    ['from an answer to something else', { action: 'StatusNotification' }],
  ])('%s', async (_name, parts) => {
    const { guard, clock, heartbeat } = setUp(DAY)
    await heartbeat(parts)
    expect([guard.quality.state, clock.offset]).toEqual(['untrusted', 0])
  })

  it('from an old answer: it is for another question, and refused', async () => {
    const { clock, heartbeat } = setUp(DAY)
    const old: Call = { type: CALL, id: 'h0', action: 'Heartbeat', payload: payloadOf({}) }
    await expect(heartbeat({ to: old, at: NOW - DAY })).rejects.toMatchObject({ code: 'refused' })
    expect(clock.offset).toBe(0)
  })

  it('from a signature of OCPP’s own kind, which is bound to no question', async () => {
    const { keys, clock, guard, journal } = setUp(DAY)
    const failed = (): void => undefined
    const time = new StationTime({ self: 'cs', clock, from: ['csms'], guard, trust: keys.trust, journal, failed })
    const call: Call = { type: CALL, id: 'h1', action: 'Heartbeat', payload: payloadOf({}) }
    const message = { type: RESULT, id: 'h1', payload: payloadOf({ currentTime: new Date(NOW).toISOString() }) } as const
    const { signer, kid } = keys.identity('csms')
    const old = signDetached({ kid, OCPPAction: 'Heartbeat' }, utf8(message.payload.text), signer)
    const question = { destination: ['csms'], path: ['cs'], header: {}, message: call }
    const answer = { destination: ['cs'], path: ['csms'], header: { signatures: [old] }, message, question }
    expect(guard.judge(answer, false)).toMatchObject([{ state: 'valid' }])
    time.asked(call)
    time.answered(answer)
    await settle()
    expect([clock.offset, clock.bound]).toEqual([0, undefined])
  })

  it('from a key that was over by the time it tells, or not yet good', async () => {
    for (const limits of [{ until: NOW - 1 }, { from: NOW + DAY }]) {
      const { keys, clock, heartbeat } = setUp(0)
      keys.trust.add({ node: 'csms', role: 'csms', publicKey: signerOf('csms').publicKey, ...limits })
      await heartbeat()
      expect(clock.bound).toBeUndefined()
    }
  })

  it('but it does from a key that its own clock does not take for good', async () => {
    const { keys, clock, heartbeat } = setUp(3_652 * DAY)
    keys.trust.add({ node: 'csms', role: 'csms', publicKey: signerOf('csms').publicKey, from: NOW - DAY, until: NOW + DAY })
    expect(thumbprint(signerOf('csms').publicKey, engine)).toBe(keys.identity('csms').kid)
    await heartbeat()
    expect(clock.now()).toBe(NOW + 50)
  })
})
