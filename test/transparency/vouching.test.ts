// Who vouches for a key: the golden vectors `keys/…` say it by their names.
import { describe, expect, it } from 'vitest'
import { certificateOf } from '../../tools/transparency-vectors/certificates.ts'
import { chainCases } from '../../tools/transparency-vectors/chains.ts'
import { keyCases, keyDocument } from '../../tools/transparency-vectors/keys.ts'
import { beginRecord, METER, ocmfText, payload, pemOf, SIGNER } from '../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'
import { verdictOf } from '../../tools/transparency-vectors.ts'
import { ask, ENGINE, faults, inputsOf } from './support.ts'

/** Longest first: `not-yet` and so on are names of states. */
const STATES = [
  'revocation-unknown',
  'unverified',
  'unsupported',
  'expired',
  'not-yet',
  'wrong-use',
  'wrong-meter',
  'revoked',
  'invalid',
] as const

const CHAINS = chainCases()

describe('a key that somebody vouches for', () => {
  it.each([...keyCases(), ...CHAINS])('$name', async (vector) => {
    const { sessions } = await verdictOf(vector, ENGINE)
    const [session] = sessions
    const state = STATES.find((each) => vector.name.includes(each))
    // what ends or begins between the two readings is good for one of them, and so for neither
    const told = session?.records.map(({ signature }) => signature.keySigners?.map((signer) => signer.state))
    const signers = told?.find((states) => states?.[0] !== 'trusted') ?? told?.[0]
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

  it.each([
    ['begun before it was', { notBefore: '2026-03-01T07:30:00Z' }, 'not-yet'],
    ['ended after it was', { notAfter: '2026-03-01T07:30:00Z' }, 'expired'],
    ['begun and ended as it did', { notBefore: '2026-03-01T07:00:00Z', notAfter: '2026-03-01T08:00:00Z' }, 'trusted'],
  ])('is good for both ends of one record: %s', async (_, period, state) => {
    const verdict = await ask({ 'r.ocmf': ocmfText(payload()), 'key.json': keyDocument({}, period) }, { trust })
    expect(verdict.sessions[0]?.records[0]?.signature.keySigners?.map((signer) => signer.state)).toEqual([state])
  })

  it.each([
    ['the gateway', { meterId: 'CPG-0001' }, 'registered'],
    ['the charge point', { evseId: 'DE*CPV*E0001' }, 'registered'],
    ['another meter and this one', { meterId: 'CPM-0002', evseId: METER.toLowerCase() }, 'registered'],
    ['other things', { meterId: 'CPM-0002', evseId: 'DE*CPV*E0002' }, 'supplied'],
  ])('is registered where it names %s', async (_, subject, keyTrust) => {
    const verdict = await ask({ 'r.ocmf': ocmfText(payload()), [`${METER}.json`]: keyDocument({ subject }) }, { trust })
    expect(verdict).toMatchObject({ verdict: 'valid', sessions: [{ keyTrust }] })
  })

  it('is registered by one certificate of its signer that is good, whatever the others are', async () => {
    const CA = vectorSigner('secp256r1', 'certificate authority')
    const root = (notAfter: string) => certificateOf({ subject: 'Root', issuer: 'Root', holder: CA, signer: CA, authority: true, notAfter })
    const leaf = certificateOf({ subject: METER, issuer: 'Root', holder: SIGNER, signer: CA, usage: 0x80 })
    const keyTrust = async (...ends: string[]) => {
      const store = inputsOf(Object.fromEntries(ends.map((end, index) => [`${index}.cer`, root(end)])))
      return (await ask({ 'r.ocmf': ocmfText(payload()), 'meter.cer': leaf }, { trust: store })).sessions[0]?.keyTrust
    }
    const [old, good] = ['260101000000Z', '300101000000Z']
    expect([await keyTrust(old, good), await keyTrust(good, old), await keyTrust(old)]).toEqual(['registered', 'registered', 'supplied'])
  })

  it.each([
    ['secp256r1', 'SHA-256', 'trusted'],
    ['secp521r1', 'SHA-512', 'trusted'],
    ['secp256r1', 'SHA-512', 'invalid'],
    ['secp521r1', 'SHA-384', 'invalid'],
  ] as const)('is signed on %s with %s, where nobody names the hash: %s', async (curve, hash, state) => {
    const authority = vectorSigner(curve, 'authority')
    const files = { 'r.ocmf': ocmfText(payload()), 'key.json': keyDocument({}, { algorithm: curve }, authority, hash) }
    const { sessions } = await ask(files, { trust: inputsOf({ 'authority.pem': pemOf(authority) }) })
    expect(sessions[0]?.records[0]?.signature.keySigners?.map((signer) => signer.state)).toEqual([state])
  })

  it('is not registered by another meter, though an authority vouches for that one', async () => {
    const CA = vectorSigner('secp384r1', 'certificate authority')
    const meter = vectorSigner('secp384r1', 'another meter')
    const root = certificateOf({ subject: 'Root', issuer: 'Root', holder: CA, signer: CA, authority: true, hash: 'SHA-384' })
    const leaf = certificateOf({ subject: 'CPM-0002', issuer: 'Root', holder: meter, signer: CA, usage: 0x80, hash: 'SHA-384' })
    const files = { 'r.ocmf': ocmfText(payload()), 'key.json': keyDocument({}, {}, meter), 'CPM-0002.cer': leaf }
    const { sessions } = await ask(files, { trust: inputsOf({ 'root.cer': root }) })
    expect(sessions[0]?.keyTrust).toBe('supplied')
    expect(sessions[0]?.records[0]?.signature.keySigners?.map(({ state }) => state)).toEqual(['unverified'])
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

  it('has the whole way to the trust store in the answer, and nothing of it is left unused', async () => {
    const chain = CHAINS.find(({ name }) => name === 'chain-registered')
    const verdict = await verdictOf(chain ?? { name: '', question: {} }, ENGINE)
    expect(verdict.sessions[0]?.records[0]?.signature.keySigners).toEqual([
      { issuer: 'Vector Last', path: ['Vector Last', 'Vector Sub', 'Vector Root'], state: 'trusted' },
    ])
    expect(faults(verdict)).toEqual([])
  })

  it('names a list that its issuer did not sign, and one that nobody asked for', async () => {
    const about = (name: string) => verdictOf(CHAINS.find((each) => each.name === name) ?? { name, question: {} }, ENGINE)
    expect(faults(await about('list-forged-revocation-unknown'))).toEqual(['list.crl key-malformed'])
    expect(faults(await about('list-in-the-question-of-a-stranger-registered'))).toEqual(['list.crl key-unused'])
    expect(faults(await about('list-cut-registered'))).toEqual(['list.crl key-malformed'])
    expect(faults(await about('list-of-another-issuer-registered'))).toEqual([])
  })

  it('is found in time among two hundred authorities of one name', async () => {
    const crowd = Array.from({ length: 200 }, (_, i) =>
      certificateOf({ subject: 'Vector Last', issuer: 'Vector Last', holder: SIGNER, signer: SIGNER, authority: true, serial: i % 100 }),
    )
    const files = Object.fromEntries(crowd.map((der, i) => [`${i}.cer`, der]))
    const chain = CHAINS[0]
    const started = performance.now()
    const verdict = await ask({ ...chain?.question, ...files }, { trust: inputsOf(chain?.trust ?? {}), now: () => performance.now() })
    expect(performance.now() - started).toBeLessThan(8500)
    expect(verdict.sessions[0]?.keyTrust).toBe('registered')
  })

  it('is found for a meter whatever its file is called, if it says so itself', async () => {
    const document = keyDocument({ signatures: [] })
    expect((await ask({ 'r.ocmf': ocmfText(beginRecord()), 'download(3).json': document })).sessions[0]?.keyTrust).toBe('supplied')
    expect(pemOf(SIGNER)).toContain('PUBLIC KEY')
  })
})
