// Who vouches for a key: the golden vectors `keys/…` say it by their names.
import { describe, expect, it } from 'vitest'
import { keyCases, keyDocument } from '../../tools/transparency-vectors/keys.ts'
import { beginRecord, METER, ocmfText, pemOf, SIGNER } from '../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'
import { verdictOf } from '../../tools/transparency-vectors.ts'
import { ask, ENGINE, faults, inputsOf } from './support.ts'

/** Longest first: `not-yet` and so on are names of states. */
const STATES = ['unverified', 'expired', 'not-yet', 'wrong-use', 'wrong-meter'] as const

describe('a key that somebody vouches for', () => {
  it.each(keyCases())('$name', async (vector) => {
    const { sessions } = await verdictOf(vector, ENGINE)
    const [session] = sessions
    const state = STATES.find((each) => vector.name.includes(each))
    const signers = session?.records[0]?.signature.keySigners?.map((signer) => signer.state)
    if (vector.name.endsWith('-registered')) {
      expect([session?.verdict, session?.keyTrust, signers]).toEqual(['valid', 'registered', ['trusted']])
    } else if (state !== undefined) {
      // named, and no more believed than a key file that nobody vouches for
      expect([session?.verdict, session?.keyTrust, signers]).toEqual(['valid', 'supplied', [state]])
    } else if (vector.name.includes('tampered')) {
      expect([session?.keyTrust, signers]).toEqual(['supplied', ['invalid']])
    } else expect(session).toBeDefined()
  })

  const AUTHORITY = vectorSigner('secp384r1', 'authority')
  const trust = inputsOf({ 'key-authority.pem': pemOf(AUTHORITY) })

  it('is registered for every reading or for none', async () => {
    // good for the begin at 08:00, not for the end at 09:00
    const document = keyDocument({}, { notAfter: '2026-03-01T07:30:00Z' })
    const verdict = await ask({ 'r.ocmf': ocmfText(beginRecord()), 'key.json': document }, { trust })
    expect(verdict.sessions[0]?.keyTrust).toBe('registered')
    const whole = await ask({ 'r.ocmf': (keyCases()[0]?.question['records.ocmf'] ?? '') as string, 'key.json': document }, { trust })
    expect(whole.sessions[0]?.keyTrust).toBe('supplied')
  })

  it('has its signer in the answer, which is not told of the rest of the trust store', async () => {
    const files = { 'r.ocmf': ocmfText(beginRecord()), 'key.json': keyDocument() }
    const more = inputsOf({ 'key-authority.pem': pemOf(AUTHORITY), 'other.pem': pemOf(vectorSigner('secp256r1', 'other')) })
    const verdict = await ask(files, { trust: more })
    expect(verdict.inputs.map(({ name }) => name)).toEqual(['r.ocmf', 'key.json', 'key-authority.pem'])
    expect(verdict.sessions[0]?.records[0]?.signature.keySigners).toEqual([{ issuer: 'Vector Key Authority', state: 'trusted' }])
  })

  it('decides over a key file that nobody vouches for, and not over a pinned one', async () => {
    const verdicts = await Promise.all(
      keyCases()
        .filter(({ name }) => /pinned-key|two-keys/.test(name))
        .map((vector) => verdictOf(vector, ENGINE)),
    )
    expect(verdicts.map(({ verdict, sessions }) => [verdict, sessions[0]?.keyTrust])).toEqual([
      ['invalid', 'pinned'],
      ['invalid', 'registered'],
    ])
  })

  it.each([
    ['no object', '{"publicKeys":[1]}'],
    ['no key', '{"@context":"https://open.charging.cloud/contexts/publicKey+json","subject":"x"}'],
    ['a key that is none', '{"@context":"https://open.charging.cloud/contexts/publicKey+json","value":"zz"}'],
  ])('is named when it is %s', async (_, document) => {
    const verdict = await ask({ 'r.ocmf': ocmfText(beginRecord()), [`${METER}.json`]: document })
    expect(faults(verdict)).toEqual([`${METER}.json key-malformed`])
  })

  it('is found for a meter whatever its file is called, if it says so itself', async () => {
    const document = keyDocument({ signatures: [] })
    expect((await ask({ 'r.ocmf': ocmfText(beginRecord()), 'download(3).json': document })).sessions[0]?.keyTrust).toBe('supplied')
    expect(pemOf(SIGNER)).toContain('PUBLIC KEY')
  })
})
