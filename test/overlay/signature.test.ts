// A signature on a message: what it covers, and that nothing else passes for it. The wire form is in vectors.test.ts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64url, utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import { CALL, type Call, ERROR, type Message, payloadOf, RESULT, SEND } from '../../src/ocpp/frame.ts'
import { type Identity, type Judgement, judgeSignature, readIssuer, type Subject, signMessage } from '../../src/overlay/signature.ts'
import { questionHash, signaturesHash } from '../../src/overlay/signed-text.ts'
import { type TrustedKey, TrustStore } from '../../src/overlay/trust.ts'
import { engine, keysOf } from './support.ts'

const { trust, identity } = keysOf({ csms: 'csms', cs: 'station' })
const NOW = 1_000_000
const order: Call = { type: CALL, id: '7', action: 'Reset', payload: payloadOf({ type: 'Immediate', list: [1.0, 2] }) }
const subject: Subject = { message: order, action: 'Reset', audience: 'cs' }
const sign = (
  what: Subject = subject,
  by: Identity = identity('csms'),
  times: { iat: number; exp?: number } = { iat: NOW, exp: NOW + 60 },
) => signMessage(what, by, times)
const judge = (signature = sign(), what: Subject = subject, nowSeconds = NOW): Judgement =>
  judgeSignature(signature, what, { trust, engine, nowSeconds })
const verdict = (judgement: Judgement): string => (judgement.state === 'valid' ? 'valid' : judgement.flaw)

describe('a key', () => {
  const { publicKey } = identity('csms').signer
  const said = (about: Partial<TrustedKey>, change: (store: TrustStore, kid: string) => void = () => undefined) => {
    const store = new TrustStore(engine, { now: () => NOW * 1000 })
    const { kid } = store.add({ node: 'csms', role: 'csms', publicKey, ...about })
    change(store, kid)
    return verdict(judgeSignature(sign(), subject, { trust: store, engine, nowSeconds: NOW }))
  }
  it.each<[string, string]>([
    ['valid', said({})],
    ['key-expired', said({ until: NOW * 1000 })],
    ['valid', said({ until: NOW * 1000 + 1 })],
    ['key-not-yet-valid', said({ from: NOW * 1000 + 30_001 })],
    ['valid', said({ from: NOW * 1000 + 30_000 })],
    [
      'key-replaced',
      said({}, (store) => store.replace('csms', [{ node: 'csms', role: 'csms', publicKey: identity('cs').signer.publicKey }])),
    ],
    ['key-revoked', said({}, (store, kid) => store.revoke(new Set([kid])))],
    ['wrong-purpose', said({ purposes: ['link'] })],
    ['wrong-purpose', said({ purposes: ['policy', 'key-administration', 'publisher', 'root', 'firmware'] })],
    ['wrong-purpose', said({ purposes: ['encryption'] })],
    ['valid', said({ purposes: ['message'] })],
  ])('counts for a message in its time and for its purpose, and is else %s', (flaw, found) => {
    expect(found).toBe(flaw)
  })
})

describe('a signature', () => {
  it('is valid for what was signed, however the payload is written', () => {
    expect(judge()).toMatchObject({
      state: 'valid',
      key: { node: 'csms', role: 'csms' },
      claims: { iss: 'csms', aud: 'cs', act: 'Reset', mt: 2, mid: '7' },
    })
    const text = '{ "list":[1,2.0], "type":"Immediate" }'
    expect(verdict(judge(sign(), { ...subject, message: { ...order, payload: { text, value: JSON.parse(text) as Json } } }))).toBe('valid')
  })

  it('covers code, description and details of an error', () => {
    const error: Message = { type: ERROR, id: '7', code: 'X', description: 'd', details: payloadOf({ a: 1 }) }
    const told: Subject = { message: error, action: 'Reset', audience: 'csms', questionHash: questionHash(order, engine) }
    const signature = sign(told, identity('cs'))
    expect(verdict(judge(signature, told))).toBe('valid')
    for (const change of [{ code: 'Y' }, { description: '' }, { details: payloadOf({ a: 2 }) }])
      expect(verdict(judge(signature, { ...told, message: { ...error, ...change } }))).toBe('broken')
  })

  it('of an answer belongs to one question: action, id and payload', () => {
    const of = (question: Call): Subject => ({
      message: { type: RESULT, id: '7', payload: payloadOf({}) },
      action: 'Reset',
      audience: 'csms',
      questionHash: questionHash(question, engine),
    })
    const signature = sign(of(order), identity('cs'))
    expect(verdict(judge(signature, of(order)))).toBe('valid')
    for (const other of [{ id: '8' }, { action: 'Other' }, { payload: payloadOf({}) }])
      expect(verdict(judge(signature, of({ ...order, ...other })))).toBe('other-question')
    const { questionHash: _none, ...unbound } = of(order)
    expect(verdict(judge(sign(unbound, identity('cs')), of(order)))).toBe('other-question')
  })

  it.each<[string, Subject]>([
    ['wrong-audience', { ...subject, audience: 'cs-2' }],
    ['wrong-message', { ...subject, action: 'ClearCache' }],
    ['wrong-message', { ...subject, message: { ...order, id: '8' } }],
    ['wrong-message', { ...subject, message: { ...order, type: SEND } }],
    ['broken', { ...subject, message: { ...order, payload: payloadOf({ type: 'OnIdle' }) } }],
    ['other-question', { ...subject, questionHash: questionHash(order, engine) }],
  ])('is none of anything else: %s', (flaw, what) => {
    expect(verdict(judge(sign(), what))).toBe(flaw)
  })

  it('is by the node whose key it is, whatever name it says', () => {
    expect(verdict(judge(sign(subject, { ...identity('csms'), node: 'cs' })))).toBe('wrong-issuer')
  })

  it('of one that passed the message on says so in one word, and no other', () => {
    const ovr = signaturesHash([], engine)
    const as = (word: string, over = ovr) =>
      verdict(judge(signMessage(subject, identity('csms'), { iat: NOW, as: word as 'countersigner', ovr: over })))
    expect([as('countersigner'), as('author'), as(''), as('countersigner', 'x')]).toEqual([
      'valid',
      'other-signatures',
      'other-signatures',
      'other-signatures',
    ])
  })

  it('costs a stranger a look-up and us no computation', () => {
    let computed = 0
    const counting = { ...engine, verifyEcdsa: () => ++computed > 0 }
    const by = (signer: Identity) => judgeSignature(sign(subject, signer), subject, { trust, engine: counting, nowSeconds: NOW })
    expect([verdict(by(identity('csms', 'stranger'))), computed]).toEqual(['unknown-key', 0])
    expect([verdict(by(identity('csms'))), computed]).toEqual(['valid', 1])
  })

  it('that is forged is never called late: only of what was signed can be said when', () => {
    const late = sign(subject, identity('csms'), { iat: NOW - 100, exp: NOW - 50 })
    expect(verdict(judge(late))).toBe('expired')
    expect(verdict(judge({ ...late, signature: sign().signature }))).toBe('broken')
    const early = sign(subject, identity('csms'), { iat: NOW + 31 })
    expect(verdict(judge(early))).toBe('not-yet-valid')
    expect(verdict(judge({ ...early, signature: sign().signature }))).toBe('broken')
  })

  it('does not survive a change of any character', () => {
    const good = sign()
    const at = fc.record({
      member: fc.constantFrom('protected' as const, 'signature' as const),
      index: fc.nat(),
      to: fc.constantFrom(...'Ab9-_='),
    })
    fc.assert(
      fc.property(at, ({ member, index, to }) => {
        const text = good[member]
        const i = index % text.length
        fc.pre(text[i] !== to)
        expect(judge({ ...good, [member]: `${text.slice(0, i)}${to}${text.slice(i + 1)}` }).state).toBe('invalid')
      }),
      { numRuns: 200 },
    )
  })

  it('of any shape is judged, and none is valid', () => {
    const claims = fc.oneof(
      fc.jsonValue(),
      fc.record({
        alg: fc.constant('ES256'),
        kid: fc.constantFrom(identity('csms').kid, '__proto__', 7),
        iss: fc.jsonValue(),
        iat: fc.jsonValue(),
      }),
    )
    fc.assert(
      fc.property(claims, fc.string(), (header, signature) => {
        expect(judge({ protected: base64url(utf8(JSON.stringify(header))), signature }).state).toBe('invalid')
      }),
    )
    for (const shape of [null, 7, {}, { protected: 7, signature: 8 }]) expect(verdict(judge(shape as never))).toBe('malformed')
  })

  it('names its issuer to whoever only wants to answer', () => {
    const issuer = (iss: unknown) => readIssuer({ protected: base64url(utf8(JSON.stringify({ alg: 'ES256', iss }))), signature: '' })
    expect(readIssuer(sign())).toBe('csms')
    expect([issuer('a b'), issuer(7), issuer(undefined), readIssuer({ protected: '!', signature: '' })]).toEqual(Array(4).fill(undefined))
  })

  it('hash of a question that is none is nothing', () => {
    expect(questionHash({ type: RESULT, id: '7', payload: payloadOf({}) }, engine)).toBe('')
  })
})
