// The message by which nodes tell who is behind them: what is written is read, and anything else is refused.
import { describe, expect, it } from 'vitest'
import { payloadOf, readEnvelope, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import { type Announcement, announce, REACHABILITY, readAnnouncement } from '../../src/overlay/announcement.ts'
import { callOf, caught } from './support.ts'

const NEWS: Announcement = {
  online: [
    { id: 'lc', role: 'lc', via: [] },
    { id: '__proto__', role: 'station', protocol: 'ocpp1.6', via: ['lc', 'sub'] },
  ],
  offline: ['old', 'constructor'],
}
const read = (payload: unknown) =>
  readAnnouncement({ type: SEND, id: '1', action: REACHABILITY, payload: { text: '', value: payload as never } })
const codeOf = async (payload: unknown) => (await caught(Promise.resolve().then(() => read(payload)))).code

describe('an announcement', () => {
  it('is a SEND that reads as it was written, over the wire too', () => {
    const envelope = announce({ from: 'lc', to: 'gw', id: '1' }, NEWS)
    expect(readAnnouncement(envelope.message)).toEqual(NEWS)
    const wire = readEnvelope(writeEnvelope(envelope))
    expect(wire).toMatchObject({ destination: ['gw'], path: ['lc'], message: { type: SEND, action: REACHABILITY } })
    expect(readAnnouncement(wire.message)).toEqual(NEWS)
  })

  it('may leave lists out, and a protocol that is none is not believed', () => {
    expect(read({})).toEqual({ online: [], offline: [] })
    expect(read({ online: [{ id: 'a', role: 'x', via: [], protocol: 'ocpp9' }] }).online).toEqual([{ id: 'a', role: 'x', via: [] }])
  })

  it.each([
    ['a list', []],
    ['null', null],
    ['online is no list', { online: {} }],
    ['offline is no list', { offline: 'a' }],
    ['a name that is none', { offline: ['a b'] }],
    ['a name that is a number', { offline: [1] }],
    ['a place that is null', { online: [null] }],
    ['a place without a role', { online: [{ id: 'a', via: [] }] }],
    ['a role of 33 characters', { online: [{ id: 'a', role: 'x'.repeat(33), via: [] }] }],
    ['a way of 17 hops', { online: [{ id: 'a', role: 'x', via: Array(17).fill('h') }] }],
    ['a hop that is none', { online: [{ id: 'a', role: 'x', via: ['..'] }] }],
  ])('is not %s', async (_name, payload) => {
    expect(await codeOf(payload)).toBe('frame-malformed')
  })

  it('is not a CALL', async () => {
    const { message } = callOf({ from: 'a', to: 'b' }, { payload: payloadOf({ online: [] }) })
    expect((await caught(Promise.resolve().then(() => readAnnouncement(message)))).code).toBe('frame-malformed')
  })
})
