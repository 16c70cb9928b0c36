// OCPP Part 4 chapter 7, read and written; a library that shares nothing with our code is the other side.
import fc from 'fast-check'
import { calculateJwkThumbprint, exportJWK, exportSPKI, FlattenedSign, flattenedVerify, generateKeyPair, importJWK, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { generateRsaSigner, readRsaPublicKey } from '../../src/adapters/node-crypto.ts'
import { base64url, utf8, utf8Text } from '../../src/base/bytes.ts'
import { signDetached } from '../../src/crypto/jws.ts'
import { readPublicKey } from '../../src/crypto/key.ts'
import { portableEngine } from '../../src/crypto/portable.ts'
import { rsaKey, rsaThumbprint } from '../../src/crypto/rsa.ts'
import { CALL, type Call, type Envelope, ERROR, payloadOf, RESULT, SEND } from '../../src/ocpp/frame.ts'
import { isOnThis, type Judgement } from '../../src/overlay/signature.ts'
import { type ActionSigner, judgeAction, unwrapAction, type Wrappable, wrapAction } from '../../src/overlay/signed-action.ts'
import { StationLink } from '../../src/overlay/station-link.ts'
import {
  callOf,
  engine,
  fakePeer,
  keysOf,
  makeGuard,
  makeNode,
  makeStation,
  memoryLinks,
  outcomeOf,
  stationOn,
  virtualClock,
} from './support.ts'

const RSA = generateRsaSigner()
const RSA_KID = rsaThumbprint(RSA.rsaKey, engine)
const setUp = () => {
  const keys = keysOf({ cs: 'station' })
  keys.trust.addRsa({ node: 'csms', role: 'csms', rsaKey: RSA.rsaKey })
  const signers: Readonly<Record<string, ActionSigner>> = {
    ES256: keys.identity('cs'),
    RS256: { node: 'csms', kid: RSA_KID, rsa: RSA, alg: 'RS256' },
    RS384: { node: 'csms', kid: RSA_KID, rsa: RSA, alg: 'RS384' },
  }
  return { keys, signers, world: { trust: keys.trust, engine } }
}
const RESET: Call = { type: CALL, id: '1', action: 'Reset', payload: { text: '{ "type": "OnIdle" }', value: { type: 'OnIdle' } } }
const KINDS: readonly Wrappable[] = [
  RESET,
  { type: RESULT, id: '1', payload: payloadOf({ status: 'Accepted' }) },
  { type: SEND, id: '2', action: 'NotifyPeriodicEventStream', payload: payloadOf({ id: 1 }) },
]
const actionOf = (message: Wrappable): string => ('action' in message ? message.action : 'Reset')
const jwkOf = (alg: string) =>
  alg === 'ES256' ? undefined : { kty: 'RSA', n: base64url(RSA.rsaKey.modulus), e: base64url(RSA.rsaKey.exponent) }

describe.each(['ES256', 'RS256', 'RS384'])('a signed action with %s', (alg) => {
  it('is what a bare JOSE library verifies, byte for byte, and comes back as it was', async () => {
    const { signers, keys, world } = setUp()
    for (const message of KINDS) {
      const wrapped = wrapAction(message, actionOf(message), signers[alg] as ActionSigner)
      if ('action' in message) expect(wrapped).toMatchObject({ action: `${message.action}-Signed` })
      const point = keys.identity('cs').signer.publicKey.point
      const jwk = jwkOf(alg) ?? { kty: 'EC', crv: 'P-256', x: base64url(point.slice(0, 32)), y: base64url(point.slice(32)) }
      const { payload, protectedHeader } = await flattenedVerify(wrapped.payload.value as never, await importJWK(jwk, alg))
      expect(utf8Text(payload)).toBe(message.payload.text)
      expect(protectedHeader).toMatchObject({ alg, OCPPAction: actionOf(message), kid: await calculateJwkThumbprint(jwk) })
      const back = unwrapAction(wrapped)
      expect(back?.message).toEqual(message)
      expect(judgeAction(back?.signature as never, { message, action: actionOf(message) }, world)).toMatchObject({ verdict: 'valid' })
    }
  })

  it('by a bare JOSE library that knows no more than the standard is accepted', async () => {
    const { world } = setUp()
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    const jwk = await exportJWK(publicKey)
    const kid = await calculateJwkThumbprint(jwk)
    for (const type of [2, '2', '1', undefined]) {
      const header = { alg, kid, OCPPAction: 'Reset', ...(type !== undefined && { OCPPMessageTypedId: type }) }
      const jws = await new FlattenedSign(utf8(RESET.payload.text)).setProtectedHeader(header).sign(privateKey)
      const heard = unwrapAction({ ...RESET, action: 'Reset-Signed', payload: payloadOf({ ...jws } as never) })
      expect(heard?.message).toEqual(RESET)
      const judged = () => judgeAction(heard?.signature as never, { message: RESET, action: 'Reset' }, world).verdict
      if (type === 2) expect(judged()).toBe('unknown-key')
      if (alg === 'ES256') {
        const { x = '', y = '' } = jwk
        const point = Uint8Array.from([...Buffer.from(x, 'base64url'), ...Buffer.from(y, 'base64url')])
        world.trust.add({ node: 'theirs', role: 'csms', publicKey: { curve: 'secp256r1', point } })
      } else world.trust.addRsa({ node: 'theirs', role: 'csms', rsaKey: rsaKey(bytes(jwk.n), bytes(jwk.e)) })
      expect(judged()).toBe('valid')
    }
  })

  it('that names its key by a certificate, as the standard has it, is found by that and by no other; not once it is revoked', async () => {
    const { trust, ...world } = { ...setUp().world }
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    const pem = await exportSPKI(publicKey)
    const [hash, other] = ['x'.repeat(43), 'y'.repeat(43)]
    const theirs = { node: 'theirs', role: 'csms', certificate: hash }
    const { kid } =
      alg === 'ES256' ? trust.add({ ...theirs, publicKey: readPublicKey(pem) }) : trust.addRsa({ ...theirs, rsaKey: readRsaPublicKey(pem) })
    const judged = async (header: object): Promise<string> => {
      const full = { alg, OCPPAction: 'Reset', ...header }
      const jws = await new FlattenedSign(utf8(RESET.payload.text)).setProtectedHeader(full).sign(privateKey)
      const heard = unwrapAction({ ...RESET, action: 'Reset-Signed', payload: payloadOf({ ...jws } as never) })
      return judgeAction(heard?.signature as never, { message: RESET, action: 'Reset' }, { trust, ...world }).verdict
    }
    const all = () =>
      Promise.all(
        [{ 'x5t#S256': hash }, { 'x5t#S256': other }, { 'x5t#S256': hash, kid: 'their own' }, { kid }].map((each) => judged(each)),
      )
    expect(await all()).toEqual(['valid', 'unknown-key', 'valid', 'valid'])
    trust.revoke(new Set([kid]))
    expect(await all()).toEqual(['key-revoked', 'unknown-key', 'key-revoked', 'key-revoked'])
  })

  it('is not valid with any bit of it changed, nor for another message', () => {
    const { signers, world } = setUp()
    const { signature } = unwrapAction(wrapAction(RESET, 'Reset', signers[alg] as ActionSigner)) ?? {
      signature: { protected: '', signature: '' },
    }
    const verdict = (message: Call, action = message.action, said = signature) => judgeAction(said, { message, action }, world).verdict
    expect(verdict(RESET)).toBe('valid')
    expect(verdict({ ...RESET, payload: payloadOf(RESET.payload.value) })).toBe('broken')
    expect(verdict({ ...RESET, id: '2' })).toBe('wrong-message')
    expect(verdict(RESET, 'Clear')).toBe('wrong-message')
    expect(judgeAction(signature, { message: { ...RESET, type: SEND }, action: 'Reset' }, world).verdict).toBe('wrong-message')
    const { signature: inAnothersName } =
      unwrapAction(wrapAction(RESET, 'Reset', { ...(signers[alg] as ActionSigner), node: 'other' })) ?? {}
    expect(verdict(RESET, 'Reset', inAnothersName)).toBe('wrong-issuer')
    fc.assert(
      fc.property(
        fc.constantFrom('protected' as const, 'signature' as const),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (part, at, mask) => {
          const changed = Uint8Array.from(Buffer.from(signature[part], 'base64url'))
          changed[at % changed.length] = (changed[at % changed.length] as number) ^ mask
          return verdict(RESET, 'Reset', { ...signature, [part]: base64url(changed) }) !== 'valid'
        },
      ),
      { numRuns: 100 },
    )
  })
})

const bytes = (text = ''): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64url'))

describe('what says it is a signed action', () => {
  it('and is none is refused, and a plain one is left alone', () => {
    expect(unwrapAction(RESET)).toBeUndefined()
    expect(unwrapAction({ type: RESULT, id: '1', payload: payloadOf({ payload: 'a', protected: 'b', signature: 'c' }) })).toBeUndefined()
    const { signers } = setUp()
    const good = wrapAction(RESET, 'Reset', signers.ES256 as ActionSigner).payload.value as object
    const none = base64url(utf8(JSON.stringify({ alg: 'none', OCPPAction: 'Reset' })))
    for (const wrong of [{}, { ...good, payload: '%' }, { ...good, payload: base64url(utf8('[1]')) }, { ...good, protected: none }])
      expect(() => unwrapAction({ ...RESET, action: 'Reset-Signed', payload: payloadOf(wrong as never) })).toThrow(/signed action/)
    expect(() => wrapAction({ ...RESET, action: 'x'.repeat(60) }, 'x'.repeat(60), signers.ES256 as ActionSigner)).toThrow(/too long/)
  })

  it('with RSA is judged by every engine', () => {
    const { signers, keys } = setUp()
    const heard = unwrapAction(wrapAction(RESET, 'Reset', signers.RS256 as ActionSigner))
    const world = { trust: keys.trust, engine: portableEngine() }
    const verdict = (action: string) =>
      judgeAction(heard?.signature as never, { message: { ...RESET, payload: payloadOf({ type: action }) }, action: 'Reset' }, world)
        .verdict
    expect(judgeAction(heard?.signature as never, { message: RESET, action: 'Reset' }, world).verdict).toBe('valid')
    expect(verdict('Other')).toBe('broken')
  })
})

describe('a station that speaks signed actions', () => {
  const BOOT = { reason: 'PowerUp', chargingStation: { model: 'm', vendorName: 'v' } }
  const ANSWER = { status: 'Accepted', currentTime: '2025-01-01T00:00:00Z', interval: 60 }

  it('is heard in the inner form, its signature judged where its key is known, and no order by it counts', async () => {
    const { keys, signers } = setUp()
    const clock = virtualClock()
    const { guard } = makeGuard(clock, 'csms', { trust: keys.trust })
    const heard: string[] = []
    const csms = makeNode(clock, 'csms', {
      local: {
        async call(envelope) {
          heard.push(envelope.message.type === CALL ? envelope.message.action : '', guard.inspect(envelope, { id: 'x' }, true))
          await expect(guard.admit(envelope, 'csms')).rejects.toThrow(/refused/)
          return payloadOf(ANSWER)
        },
      },
    })
    const station = makeStation(clock, csms.node, 'cs', { version: 'ocpp2.0.1' })
    const say = (payload: object) => {
      const call: Call = { type: CALL, id: `${heard.length}`, action: 'BootNotification', payload: payloadOf(payload as never) }
      return station.connection.request(wrapAction(call, 'BootNotification', signers.ES256 as ActionSigner) as Call)
    }
    expect(outcomeOf({ message: await say(BOOT) })).toEqual(ANSWER)
    expect(heard).toEqual(['BootNotification', 'valid'])
    expect(outcomeOf({ message: await say({ reason: 'Nonsense' }) }).fault).toBe('payload-invalid')
  })

  it('is spoken to in them where that is configured, its answers wrapped or not', async () => {
    const { signers } = setUp()
    for (const wraps of [true, false]) {
      const clock = virtualClock()
      const lc = makeNode(clock, 'lc')
      const [link, far] = memoryLinks()
      const options = { station: 'cs', version: 'ocpp2.0.1', backend: 'csms', clock, signedActions: signers.RS256 as ActionSigner } as const
      lc.node.attach(new StationLink(far, options, lc.node), { role: 'station' })
      const calls: Call[] = []
      stationOn(clock, link, {
        version: 'ocpp2.0.1',
        answer(call) {
          calls.push(call)
          const result = { type: RESULT, id: call.id, payload: payloadOf({ status: 'Accepted' }) } as const
          return wraps ? (wrapAction(result, 'Reset', signers.ES256 as ActionSigner) as typeof result) : result
        },
      })
      const answer = await lc.node.ask(lc.node.compose('cs', 'Reset', payloadOf({ type: 'OnIdle' }), { ocpp: 'ocpp2.0.1' }))
      expect(calls[0]?.action).toBe('Reset-Signed')
      expect(unwrapAction(calls[0] as Call)?.message).toMatchObject({ action: 'Reset', payload: { value: { type: 'OnIdle' } } })
      expect([outcomeOf(answer), answer.header.signatures?.length ?? 0]).toEqual([{ status: 'Accepted' }, wraps ? 1 : 0])
    }
  })
})

describe('a node that signs in its own name for a station', () => {
  it.each(['none', 'a role that may not', 'a role that may'])('does so for nobody whom its rules do not let ask: %s', async (who) => {
    const clock = virtualClock()
    const keys = keysOf({ cs: 'station', grid: 'grid-operator', csms: 'csms' })
    const identity = keys.identity('lc')
    const { guard } = makeGuard(clock, 'lc', { trust: keys.trust, identity })
    const lc = makeNode(clock, 'lc', { gatekeeper: guard, trust: keys.trust, engine })
    const [link, far] = memoryLinks()
    const options = { station: 'cs', version: 'ocpp2.0.1', backend: 'csms', clock, signedActions: identity } as const
    lc.node.attach(new StationLink(far, options, lc.node), { role: 'station' })
    const heard: string[] = []
    stationOn(clock, link, {
      version: 'ocpp2.0.1',
      answer(call) {
        heard.push(call.action)
        const answer = { type: RESULT, id: call.id, payload: payloadOf({ status: 'Accepted' }) } as const
        return wrapAction(answer, 'Reset', keys.identity('cs')) as typeof answer
      },
    })
    const from = { none: 'anybody', 'a role that may not': 'grid', 'a role that may': 'csms' }[who] as string
    const asker = makeGuard(clock, from, { trust: keys.trust, ...(from !== 'anybody' && { identity: keys.identity(from) }) })
    const order = asker.guard.sealCall(
      callOf({ from, to: 'cs' }, { action: 'Reset', payload: payloadOf({ type: 'OnIdle' }) }, { ocpp: 'ocpp2.0.1' }),
    )
    const { fault, rule } = outcomeOf(await lc.node.request(order, fakePeer('gw')))
    expect([heard, fault, rule]).toEqual(from === 'csms' ? [['Reset-Signed'], undefined, undefined] : [[], 'refused', 'deny-by-default'])
  })
})

const ANSWERS = ['signed by the back end', 'unsigned', 'of another question', 'by a gateway']
describe.each(['is told it in the name of its node', 'has no key that is known', 'judges for itself'])(
  'the answer to a station that %s',
  (kind) => {
    it.each(ANSWERS)('%s', async (which) => {
      const clock = virtualClock()
      const keys = keysOf({ csms: 'csms', gw: 'gateway', ...(kind !== 'has no key that is known' && { cs: 'station' }) })
      const guardOf = (node: string) =>
        makeGuard(clock, node, { trust: keys.trust, identity: keys.identity(node), countersign: [{ actions: ['*'] }] }).guard
      const lc = makeNode(clock, 'lc', { gatekeeper: guardOf('lc'), trust: keys.trust, engine })
      const request = async (question: Envelope): Promise<Envelope> => {
        const { id } = question.message
        const payload = payloadOf({ idTokenInfo: { status: 'Accepted' } })
        const bare: Envelope = { destination: question.path, path: ['csms', 'gw'], header: {}, message: { type: RESULT, id, payload } }
        if (which === 'unsigned') return bare
        if (which === 'by a gateway') return guardOf('gw').sealAnswer(question, { ...bare, path: ['gw'] })
        const asked = which === 'of another question' ? { ...question, message: { ...question.message, payload: payloadOf({}) } } : question
        return guardOf('csms').sealAnswer(asked as Envelope, bare)
      }
      lc.node.attach(fakePeer('gw', { request }), { role: 'gateway', uplink: true })
      const [link, far] = memoryLinks()
      const deputy = kind === 'is told it in the name of its node' && { signedActions: keys.identity('lc') }
      const options = { station: 'cs', version: 'ocpp2.0.1', backend: 'csms', clock, ...deputy } as const
      lc.node.attach(new StationLink(far, options, lc.node), { role: 'station' })
      const station = stationOn(clock, link, { version: 'ocpp2.0.1' })
      const authorize: Call = {
        type: CALL,
        id: '1',
        action: 'Authorize',
        payload: payloadOf({ idToken: { idToken: 'a', type: 'Central' } }),
      }
      const said = kind === 'has no key that is known' ? authorize : (wrapAction(authorize, 'Authorize', keys.identity('cs')) as Call)
      const answer = await station.connection.request(said)
      // a gateway may say in its own name what it likes to who knows whom he asked
      const isTold = which === ANSWERS[0] || (kind === 'judges for itself' && which === 'by a gateway')
      expect(answer.type).toBe(isTold ? RESULT : ERROR)
    })
  },
)

describe('a signature that names no message', () => {
  const ACCEPTED = payloadOf({ status: 'Accepted' })
  const signedBy = async (jwk: JWK, header: object): Promise<{ protected: string; signature: string }> => {
    const jws = await new FlattenedSign(utf8(ACCEPTED.text))
      .setProtectedHeader({ alg: 'ES256', OCPPAction: 'Reset', ...header })
      .sign(await importJWK(jwk, 'ES256'))
    return { protected: jws.protected as string, signature: jws.signature }
  }
  const theirs = async (role: string) => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(privateKey)
    const { d: _, ...open } = jwk
    const keys = keysOf({ csms: 'csms' })
    const point = Uint8Array.from([...Buffer.from(open.x ?? '', 'base64url'), ...Buffer.from(open.y ?? '', 'base64url')])
    const { kid } = keys.trust.add({ node: 'cs', role, publicKey: { curve: 'secp256r1', point } })
    const clock = virtualClock()
    const { guard } = makeGuard(clock, 'csms', { trust: keys.trust, identity: keys.identity('csms') })
    const { node } = makeNode(clock, 'csms', {})
    const question = guard.sealCall(node.compose('cs', 'Reset', payloadOf({ type: 'OnIdle' }), { ocpp: 'ocpp2.1' }))
    const answer = (signature: { protected: string; signature: string }) => ({
      ...{ destination: ['csms'], path: ['cs'], header: { signatures: [signature] }, question },
      message: { type: RESULT, id: question.message.id, payload: ACCEPTED } as const,
    })
    const looked = (signature: { protected: string; signature: string }) => guard.inspect(answer(signature), { id: 'lc' }, true)
    const judged = (signature: { protected: string; signature: string }) => guard.judge(answer(signature))[0] as Judgement
    return { sign: (header: object = {}) => signedBy(jwk, { kid, ...header }), looked, judged, mid: question.message.id }
  }

  it('is a station’s word, and not shown as verified; one that names it is', async () => {
    const { sign, looked, judged, mid } = await theirs('station')
    for (const header of [{}, { OCPPMessageTypedId: 3 }, { OCPPMessageTypedId: '3' }]) {
      const loose = await sign(header)
      expect([judged(loose).state, isOnThis(judged(loose)), looked(loose)]).toEqual(['valid', false, 'unchecked'])
    }
    for (const header of [{ mid }, { OCPPMessageTypedId: mid }]) {
      const bound = await sign(header)
      expect([isOnThis(judged(bound)), looked(bound)]).toEqual([true, 'valid'])
    }
    expect(judged(await sign({ mid: 'another' }))).toMatchObject({ state: 'invalid', flaw: 'wrong-message' })
    expect(judged(await sign({ OCPPAction: 'UnlockConnector' }))).toMatchObject({ state: 'invalid', flaw: 'wrong-message' })
  })

  it('is no answer of anybody else: a box could give an old one', async () => {
    const { sign, looked, mid } = await theirs('csms')
    const loose = await sign()
    expect(() => looked(loose)).toThrow(/signature-present/)
    expect(looked(await sign({ mid }))).toBe('valid')
  })
})

it('a number that is an id is told from the number of the type', () => {
  const { keys, world } = setUp()
  const result = { type: RESULT, id: '3', payload: payloadOf({ status: 'Accepted' }) } as const
  const { signer, kid } = keys.identity('cs')
  const signature = signDetached({ kid, OCPPAction: 'Reset', OCPPMessageTypedId: '3' }, utf8(result.payload.text), signer)
  expect(judgeAction(signature, { message: result, action: 'Reset' }, world)).toMatchObject({ verdict: 'valid', bound: false })
})
