// A signature by an unknown key is told apart at sight: the outcome is that of reading its whole header, wherever that has one meaning.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64url, utf8 } from '../../src/base/bytes.ts'
import { readProtected } from '../../src/crypto/jws.ts'
import { judgeSignature } from '../../src/overlay/signature.ts'
import { judgeStranger } from '../../src/overlay/stranger.ts'
import { callOf, engine, keysOf } from './support.ts'

const keys = keysOf({ csms: 'csms' })
const known = keys.identity('csms').kid
const unknown = keys.identity('csms', 'stranger').kid
const signatureOf = (text: string) => ({ protected: base64url(utf8(text)), signature: 'AAAA' })
const judged = (text: string) => judgeStranger(signatureOf(text), keys.trust)
const strange = (kid: string, countersigns = false) => ({ state: 'invalid', flaw: 'unknown-key', kid, countersigns })

describe('a signature by a key that nobody here knows', () => {
  it('is one by the name of its key, in whatever order and spelling the header is written', () => {
    expect(judged(`{"alg":"ES256","kid":"${unknown}","iss":"csms"}`)).toMatchObject(strange(unknown))
    expect(judged(`{"iss":"csms", "kid" : "${unknown}", "alg":"ES256"}`)).toMatchObject(strange(unknown))
    expect(judged(`{"alg":"ES256","\\u006bid":"${unknown}"}`)).toMatchObject(strange(unknown))
    expect(judged(`{"alg":"ES256","kid":"${unknown}","as":"countersigner"}`)).toMatchObject(strange(unknown, true))
    expect(judged('{"alg":"ES256"}')).toMatchObject({ flaw: 'unknown-key' })
  })

  it('is not one whose key is known, also where the name is hidden from a first look', () => {
    for (const text of [
      `{"alg":"ES256","kid":"${known}","iss":"csms"}`,
      `{"alg":"ES256","kid":"${known}"}`,
      `{"alg":"ES256", "\\u006bid":"${known}"}`,
      `{"kid":"${known}","alg":"ES256"}`,
      // no header at all, but who it names would be asked
      `{"alg":"ES256","kid":"${known}",`,
    ])
      expect(judged(text), text).toBeUndefined()
  })

  it('is left to whoever reads all of it where it is none, too long, or of the kind that OCPP signs itself', () => {
    for (const text of ['', '[]', 'kid', '{"alg":"none"}', `{"alg":"ES256","kid":"${unknown}","OCPPAction":"Reset"}`])
      expect(judged(text), text).toBeUndefined()
    expect(judged(`{"alg":"ES256","kid":"${unknown}","x":"${'x'.repeat(4_096)}"}`)).toBeUndefined()
    expect(judgeStranger({ protected: '*', signature: 'AAAA' }, keys.trust)).toBeUndefined()
  })

  it('gains nothing by two names: whose key is the first refuses it, and to others it is nobody’s', () => {
    const twice = (a: string, b: string) => `{"alg":"ES256","kid":"${a}","kid":"${b}"}`
    expect(judged(twice(unknown, known))).toMatchObject(strange(unknown))
    expect(judged(twice(known, unknown))).toBeUndefined()
    const { message } = callOf({ from: 'csms', to: 'cs' }, { action: 'Reset' })
    const world = { trust: keys.trust, engine, nowSeconds: 1 }
    for (const text of [twice(unknown, known), twice(known, unknown)])
      expect(judgeSignature(signatureOf(text), { message, audience: 'cs' }, world)).toMatchObject({ state: 'invalid', flaw: 'malformed' })
  })

  it('is found as by reading, for any header that can be read', () => {
    const members = fc.record(
      {
        kid: fc.constantFrom<unknown>(known, unknown, 'x', '', 7, null, { kid: known }, `"kid":"${known}"`, 'a"b', 'ü'),
        iss: fc.constantFrom('csms', 'kid', '"kid":"x"', 'as', '"as":'),
        as: fc.constantFrom('countersigner', 1),
        OCPPAction: fc.constant('Reset'),
        nested: fc.constantFrom({ kid: known }, { as: 1 }, ['kid', known]),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(members, fc.boolean(), (header, isFirst) => {
        const text = JSON.stringify(isFirst ? { alg: 'ES256', ...header } : { ...header, alg: 'ES256' })
        const { kid, as, OCPPAction } = readProtected(signatureOf(text))
        const isKnown = kid === known
        const seen = judged(text)
        if (isKnown || OCPPAction !== undefined) expect(seen).toBeUndefined()
        else expect(seen).toMatchObject({ flaw: 'unknown-key', countersigns: as !== undefined })
      }),
      { numRuns: 2_000 },
    )
  })
})
