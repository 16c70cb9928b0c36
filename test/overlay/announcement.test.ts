// The message by which nodes tell who is where: what is written is read, anything else is refused, and a signature is its node's or none.
import { describe, expect, it } from 'vitest'
import { payloadOf, readEnvelope, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import {
  type Announcement,
  announce,
  isSignedBy,
  keyOfStatement,
  REACHABILITY,
  readAnnouncement,
  type Statement,
  signStatement,
} from '../../src/overlay/announcement.ts'
import { signMessage } from '../../src/overlay/signature.ts'
import type { TrustedKey } from '../../src/overlay/trust.ts'
import { callOf, caught, engine, keysOf } from './support.ts'

const ABOUT: Statement = { node: 'lc', role: 'local-controller', part: 0, seq: 7, expires: 1_000, up: ['gw'] }
const STATIONS: Statement = {
  ...{ node: 'lc', role: 'local-controller', part: 1, seq: 8, expires: 1_000 },
  stations: [{ id: '__proto__', protocol: 'ocpp1.6' }, { id: 'cs' }],
}
const NEWS: Announcement = {
  reachable: [
    { path: ['lc'], statement: ABOUT, signature: { protected: 'a', signature: 'b' } },
    { path: ['lc', 'sub'], statement: STATIONS },
    { path: ['top'], statement: { ...ABOUT, node: 'top', up: [], top: true } },
  ],
  withdrawn: [{ node: 'old', seq: 3 }],
}
const read = (payload: unknown) =>
  readAnnouncement({ type: SEND, id: '1', action: REACHABILITY, payload: { text: '', value: payload as never } })
const codeOf = async (payload: unknown) => (await caught(Promise.resolve().then(() => read(payload)))).code
const saying = (parts: object) => ({ reachable: [{ path: ['lc'], statement: { ...ABOUT, ...parts } }] })

describe('an announcement', () => {
  it('is a SEND that reads as it was written, over the wire too', () => {
    const envelope = announce({ from: 'lc', to: 'gw', id: '1' }, NEWS)
    expect(readAnnouncement(envelope.message)).toEqual(NEWS)
    const wire = readEnvelope(writeEnvelope(envelope))
    expect(wire).toMatchObject({ destination: ['gw'], path: ['lc'], message: { type: SEND, action: REACHABILITY } })
    expect(readAnnouncement(wire.message)).toEqual(NEWS)
  })

  it('may leave lists out', () => {
    expect(read({})).toEqual({ reachable: [], withdrawn: [] })
  })

  it.each([
    ['a list', []],
    ['null', null],
    ['reachable is no list', { reachable: {} }],
    ['251 withdrawals', { withdrawn: Array(251).fill({ node: 'a', seq: 1 }) }],
    ['a withdrawal without a number', { withdrawn: [{ node: 'a' }] }],
    ['a name that is none', { withdrawn: [{ node: 'a b', seq: 1 }] }],
    ['a statement that is null', { reachable: [{ path: ['lc'], statement: null }] }],
    ['a way that is empty', { reachable: [{ path: [], statement: ABOUT }] }],
    ['a way of 17 hops', { reachable: [{ path: Array(17).fill('h'), statement: ABOUT }] }],
    ['a signature that is none', { reachable: [{ path: ['lc'], statement: ABOUT, signature: 'x' }] }],
    ['a role of 33 characters', saying({ role: 'x'.repeat(33) })],
    ['a part too many', saying({ part: 101 })],
    ['half a number', saying({ seq: 1.5 })],
    ['an expiry that is text', saying({ expires: '2026' })],
    ['17 uplinks', saying({ up: Array(17).fill('h') })],
    ['top that is false', saying({ top: false })],
    ['stations in part 0', saying({ stations: [] })],
    ['101 stations', saying({ part: 1, stations: Array(101).fill({ id: 'a' }) })],
    ['a version that is none', saying({ part: 1, stations: [{ id: 'a', protocol: 'ocpp9' }] })],
  ])('is not %s', async (_name, payload) => {
    expect(await codeOf(payload)).toBe('frame-malformed')
  })

  it('is not a CALL', async () => {
    const { message } = callOf({ from: 'a', to: 'b' }, { payload: payloadOf({}) })
    expect((await caught(Promise.resolve().then(() => readAnnouncement(message)))).code).toBe('frame-malformed')
  })
})

describe('the signature of a statement', () => {
  const keys = keysOf({ lc: 'local-controller', other: 'local-controller' })
  const identity = keys.identity('lc')
  const said = { path: ['lc'], statement: STATIONS, signature: signStatement(STATIONS, identity) }
  const key = keyOfStatement(said, keys.trust) as TrustedKey

  it('holds for what was said, and for nothing else', () => {
    expect(isSignedBy(said, key, engine)).toBe(true)
    expect(isSignedBy({ ...said, statement: { ...STATIONS, seq: 9 } }, key, engine)).toBe(false)
    expect(isSignedBy({ ...said, statement: { ...STATIONS, stations: [{ id: 'cs' }] } }, key, engine)).toBe(false)
  })

  it('names a key of that very node, in a header of that kind', () => {
    const named = (signature: object) => keyOfStatement({ ...said, signature: signature as never }, keys.trust)
    expect(named(signStatement(STATIONS, keys.identity('other')))).toBeUndefined()
    expect(named(signStatement(STATIONS, keys.identity('stranger')))).toBeUndefined()
    expect(named({ protected: '!', signature: '' })).toBeUndefined()
    expect(keyOfStatement({ path: ['lc'], statement: STATIONS }, keys.trust)).toBeUndefined()
    // one on a message is none on a statement
    const { message } = callOf({ from: 'lc', to: 'gw' })
    expect(named(signMessage({ message, action: 'x', audience: 'gw' }, identity, { iat: 1 }))).toBeUndefined()
  })
})
