// Which key decides, and what is said of where it came from.
import { describe, expect, it } from 'vitest'
import { base64, hex } from '../../src/base/bytes.ts'
import { fingerprint } from '../../src/crypto/key.ts'
import { certificateOf } from '../../tools/transparency-vectors/certificates.ts'
import { hexKeyOf, METER, ocmfText, payload, pemOf, SIGNER } from '../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'
import { ask, ENGINE, faults, findings, inputsOf, PEM, receipt } from './support.ts'

const STRANGER = vectorSigner('secp256r1', 'stranger')
const own = ocmfText(payload())
const foreign = ocmfText(payload(), { signer: STRANGER })
const bare = receipt([own], '')
const complete = receipt([own])
const forged = receipt([foreign], hexKeyOf(STRANGER))
const trust = inputsOf({ [`${METER}.pem`]: PEM })

describe('the key that decides', () => {
  it.each([
    ['pinned', { 'r.xml': complete, 'publicKey.pem': PEM }, trust, `${METER}.pem`],
    ['pinned', { 'r.xml': bare }, inputsOf({ 'publicKey.pem': PEM }), 'publicKey.pem'],
    ['supplied', { 'r.xml': complete, 'publicKey.pem': PEM }, [], 'publicKey.pem'],
    ['supplied', { 'r.xml': bare, [`keys/${METER}.publicKey.pem`]: PEM }, [], `keys/${METER}.publicKey.pem`],
    ['supplied', { 'r.xml': bare, [`${METER.toLowerCase()}-publicKey.hex`]: hexKeyOf(SIGNER) }, [], `${METER.toLowerCase()}-publicKey.hex`],
    ['supplied', { 'r.xml': bare, 'CPG-0001.pem': PEM }, [], 'CPG-0001.pem'],
    ['supplied', { 'r.xml': bare, 'r_publicKey.pem': PEM }, [], 'r_publicKey.pem'],
    ['embedded', { 'r.xml': complete }, [], 'r.xml'],
  ] as const)('is %s', async (keyTrust, files, pinned, keySource) => {
    const verdict = await ask(files, { trust: pinned })
    const keyFingerprint = fingerprint(SIGNER.publicKey, ENGINE)
    expect(verdict).toMatchObject({ verdict: 'valid', sessions: [{ keyTrust, meter: { id: METER, keyFingerprint } }] })
    expect(verdict.sessions[0]?.records[0]?.signature).toMatchObject({ state: 'valid', keySource, keyFingerprint })
  })

  it('is taken from the key files of the caller as from those in the question', async () => {
    const verdict = await ask({ 'r.xml': bare }, { keys: inputsOf({ 'publicKey.pem': PEM }) })
    expect(verdict).toMatchObject({ verdict: 'valid', sessions: [{ keyTrust: 'supplied' }] })
    expect(verdict.inputs.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['r.xml container', 'publicKey.pem key'])
  })

  it.each(['publicKey.pem', `${METER}.pem`])('is the one that was given (%s), whatever key lies among the inputs', async (name) => {
    const keys = inputsOf({ [name]: PEM })
    const brought = { [`${METER}.publicKey.pem`]: pemOf(STRANGER) }
    expect(await ask({ 'r.xml': bare, ...brought }, { keys })).toMatchObject({ verdict: 'valid', sessions: [{ keyTrust: 'supplied' }] })
    const verdict = await ask({ 'r.ocmf': foreign, ...brought }, { keys })
    expect([verdict.verdict, ...verdict.sessions.flatMap(findings)]).toEqual(['invalid', 'signature-invalid:fail', 'key-mismatch:fail'])
    expect(verdict.sessions[0]?.records[0]?.signature.keySource).toBe(name)
  })

  it("is the meter's own, whichever gateway a record names", async () => {
    const two = inputsOf({ [`${METER}.pem`]: PEM, 'GATE.pem': pemOf(STRANGER) })
    const through = (signer = SIGNER): string => ocmfText(payload({ GS: 'GATE' }), { signer })
    expect(await ask({ 'r.ocmf': through() }, { trust: two })).toMatchObject({ verdict: 'valid', sessions: [{ keyTrust: 'pinned' }] })
    expect((await ask({ 'r.ocmf': through(STRANGER) }, { trust: two })).verdict).toBe('invalid')
    // and where nobody has the meter's, the gateway's
    expect((await ask({ 'r.ocmf': through(STRANGER) }, { trust: two.slice(1) })).verdict).toBe('valid')
    const both = await ask({ 'r.ocmf': through(), [`${METER}.pem`]: PEM, 'GATE.pem': PEM })
    expect([both.verdict, faults(both)]).toEqual(['valid', []])
  })

  it('is missing where no key speaks', async () => {
    const verdict = await ask({ 'r.xml': bare, 'CPM-9999.pem': PEM })
    expect(verdict).toMatchObject({
      verdict: 'unproven',
      sessions: [{ keyTrust: 'none', records: [{ signature: { state: 'key-missing' } }] }],
    })
    expect(faults(verdict)).toEqual(['CPM-9999.pem key-unused'])
  })

  it('is none of two without a name, unless they are one', async () => {
    const two = await ask({ 'r.xml': bare, 'a/publicKey.pem': PEM, 'b/publicKey.pem': pemOf(STRANGER) })
    expect(two.verdict).toBe('unproven')
    expect(faults(two)).toEqual(['a/publicKey.pem key-unused', 'b/publicKey.pem key-unused'])
    expect((await ask({ 'r.xml': bare, 'a/publicKey.pem': PEM, 'b/publicKey.txt': hexKeyOf(SIGNER) })).verdict).toBe('valid')
  })

  it('may be one of several of the same meter', async () => {
    const verdict = await ask({ 'r.xml': bare, [`${METER}.2025.pem`]: pemOf(STRANGER), [`${METER}.2026.pem`]: PEM })
    expect(verdict).toMatchObject({ verdict: 'valid', inputs: [{}, { kind: 'key' }, { kind: 'key' }] })
    expect(faults(verdict)).toEqual([])
  })

  it('may be one of several in a file without an ending', async () => {
    const several = `${PEM}${pemOf(STRANGER)}`
    expect((await ask({ 'r.xml': bare, [METER]: several })).verdict).toBe('valid')
    expect((await ask({ 'r.xml': bare }, { keys: inputsOf({ publicKey: `${PEM}${PEM}` }) })).verdict).toBe('valid')
    expect((await ask({ 'r.xml': bare, 'CPM-0002': several })).verdict).toBe('unproven')
    expect((await ask({ 'r.xml': bare, [METER]: pemOf(STRANGER) })).verdict).toBe('invalid')
  })

  it.each([
    ['pinned', {}, trust],
    ['supplied', { 'publicKey.pem': PEM }, []],
  ] as const)('is %s, and a record that brings its own is invalid', async (keyTrust, more, pinned) => {
    expect((await ask({ 'r.xml': forged })).verdict).toBe('valid')
    const verdict = await ask({ 'r.xml': forged, ...more }, { trust: pinned })
    expect(verdict).toMatchObject({ verdict: 'invalid', sessions: [{ keyTrust }] })
    expect(verdict.sessions.map(findings)).toEqual([['signature-invalid:fail', 'key-mismatch:fail']])
  })

  it('is the pinned one, though another was supplied', async () => {
    const verdict = await ask({ 'r.xml': receipt([foreign], ''), 'publicKey.pem': pemOf(STRANGER) }, { trust })
    expect(verdict).toMatchObject({ verdict: 'invalid', sessions: [{ keyTrust: 'pinned' }] })
  })

  it('must be on the curve the record names', async () => {
    const verdict = await ask({ 'r.xml': receipt([own], hexKeyOf(vectorSigner('secp256k1'))) })
    expect(verdict.sessions.map(findings)).toEqual([['signature-invalid:fail', 'key-curve:fail']])
  })

  it('must not change within a session', async () => {
    const verdict = await ask({ 'a.xml': complete, 'b.xml': forged })
    expect(verdict.verdict).toBe('invalid')
  })
})

describe('a certificate in the place of a key', () => {
  const certificate = (holder: typeof SIGNER) => certificateOf({ subject: METER, issuer: 'Nobody', holder, signer: STRANGER })
  const forms = (der: Uint8Array) => [`-----BEGIN CERTIFICATE-----\n${base64(der)}\n-----END CERTIFICATE-----`, base64(der), hex(der)]

  it('is its key, and proves no more than one', async () => {
    for (const key of forms(certificate(SIGNER))) {
      expect(await ask({ 'r.xml': receipt([own], key) })).toMatchObject({ verdict: 'valid', sessions: [{ keyTrust: 'embedded' }] })
      expect((await ask({ 'r.xml': receipt([foreign], key) })).verdict).toBe('invalid')
    }
    for (const key of forms(certificate(STRANGER))) expect((await ask({ 'r.xml': receipt([own], key) })).verdict).toBe('invalid')
  })

  it('is a certificate with all it says where it is a file', async () => {
    // without the marks of one nobody reads it as a key
    for (const key of forms(certificate(SIGNER)).slice(1))
      expect((await ask({ 'r.xml': bare }, { trust: inputsOf({ [`${METER}.txt`]: key }) })).verdict).toBe('unproven')
  })

  it('is damaged where it cannot be read', async () =>
    expect((await ask({ 'r.xml': receipt([own], hex(certificate(SIGNER).subarray(0, -1))) })).verdict).toBe('invalid'))
})

describe('key files', () => {
  it('that were given for nothing are named', async () => {
    const verdict = await ask({ 'r.xml': complete }, { keys: inputsOf({ 'CPM-9999.pem': pemOf(STRANGER) }) })
    expect(verdict).toMatchObject({ verdict: 'valid', sessions: [{ keyTrust: 'embedded' }] })
    expect(faults(verdict)).toEqual(['CPM-9999.pem key-unused'])
  })

  it('that are broken are named, and leave the sessions as they are', async () => {
    const verdict = await ask({ 'r.xml': complete, 'publicKey.pem': PEM.replace('MFk', 'MFl') })
    expect(verdict).toMatchObject({ verdict: 'valid', sessions: [{ keyTrust: 'embedded' }] })
    expect(faults(verdict)).toEqual(['publicKey.pem key-malformed'])
  })

  it('of a trust store are named when they were used, or are broken', async () => {
    const store = inputsOf({ [`${METER}.pem`]: PEM, 'CPM-9999.pem': pemOf(STRANGER), 'CPM-9998.pem': 'no key' })
    const verdict = await ask({ 'r.xml': complete }, { trust: store })
    expect(verdict.inputs.map(({ name }) => name)).toEqual(['r.xml', `${METER}.pem`, 'CPM-9998.pem'])
    expect(faults(verdict)).toEqual(['CPM-9998.pem key-malformed'])
  })

  it('beside a record that are broken make it invalid, those of another kind unproven', async () => {
    const damaged = await ask({ 'r.xml': receipt([own], `x${hexKeyOf(SIGNER)}`) })
    expect(damaged).toMatchObject({ verdict: 'invalid', sessions: [{ records: [{ signature: { state: 'malformed' } }] }] })
    const x25519 = `302a300506032b656e032100${'ab'.repeat(32)}`
    const other = await ask({ 'r.xml': receipt([own], x25519) })
    expect(other).toMatchObject({ verdict: 'unproven', sessions: [{ records: [{ signature: { state: 'unsupported' } }] }] })
    expect(faults(other)).toEqual(['r.xml/value[1]/publicKey algorithm-unsupported'])
  })
})
