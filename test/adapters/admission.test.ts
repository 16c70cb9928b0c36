import { describe, expect, it } from 'vitest'
import {
  AttemptBrake,
  hashPassword,
  profileAdmission,
  type StationUpgrade,
  tlsOptions,
  verifyPassword,
} from '../../src/adapters/admission.ts'
import { utf8 } from '../../src/base/bytes.ts'
import { virtualClock } from '../support/virtual-clock.ts'

const upgrade = (given: Partial<StationUpgrade> = {}): StationUpgrade => ({
  stationId: 'CS1',
  remoteAddress: '10.0.0.1',
  secure: true,
  offered: ['ocpp2.1'],
  ...given,
})

describe('password hashes', () => {
  it('verify the password and no other, with a salt of their own', async () => {
    const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')])
    expect(one).toMatch(/^scrypt\$16384\$8\$1\$/)
    expect(one).not.toBe(other)
    expect(await verifyPassword('correct horse', one)).toBe(true)
    expect(await verifyPassword(utf8('correct horse'), other)).toBe(true)
    expect(await verifyPassword('correct horsf', one)).toBe(false)
    expect(await verifyPassword('', one)).toBe(false)
  })

  it('agree with RFC 7914 §12, cut to 32 bytes', async () => {
    // P="password", S="NaCl", N=1024, r=8, p=16
    const rfc = Buffer.from('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162', 'hex').toString('base64')
    const short = `scrypt$1024$8$16$${Buffer.from('NaCl').toString('base64')}$${rfc}`
    await expect(verifyPassword('password', short)).resolves.toBe(true)
    await expect(verifyPassword('passwore', short)).resolves.toBe(false)
  })

  it.each([
    '',
    'plain text',
    'scrypt$16384$8$1$$',
    `scrypt$9999999$99$99$${'A'.repeat(22)}==$${'A'.repeat(43)}=`,
    `scrypt$1000$8$1$${'A'.repeat(22)}==$${'A'.repeat(43)}=`,
  ])('in another form are a fault of the configuration: %s', async (stored) => {
    await expect(verifyPassword('x', stored)).rejects.toMatchObject({ code: 'config-invalid' })
  })
})

describe('security profiles', () => {
  const certificate = { subjectCommonName: 'CS1', dnsNames: [], serialNumber: '01', fingerprint256: 'AB', authorized: true }
  const refusal = (status: number) => expect.objectContaining({ ok: false, status })

  it('answer 404 for an unknown station, whatever the profile', async () => {
    for (const profile of [0, 1, 2, 3] as const) {
      expect(await profileAdmission(profile, () => undefined)(upgrade({ clientCertificate: certificate }))).toEqual(refusal(404))
    }
  })

  it('that conceal who is listed answer strangers like wrong credentials, and 404 only to one who proved its id', async () => {
    const passwordHash = await hashPassword('a:b')
    const credentials = (id: string) => (id === 'CS1' ? { passwordHash } : undefined)
    const [one, three] = ([1, 3] as const).map((profile) => profileAdmission(profile, credentials, { conceals: true }))
    for (const stationId of ['CS1', 'CS9']) {
      const given = { stationId, user: stationId, password: utf8('guess') }
      expect(await one?.(upgrade(given))).toEqual({ ok: false, status: 401, reason: expect.any(String) })
      expect(await one?.(upgrade({ stationId }))).toEqual({ ok: false, status: 401, reason: 'no password' })
      expect(await three?.(upgrade({ stationId }))).toEqual({ ok: false, status: 401, reason: 'no trusted client certificate' })
      expect(await three?.(upgrade({ stationId, clientCertificate: { ...certificate, subjectCommonName: 'x' } }))).toEqual(refusal(403))
      expect(await three?.(upgrade({ stationId, secure: false }))).toEqual(refusal(403))
    }
    expect(await one?.(upgrade({ user: 'CS1', password: utf8('a:b') }))).toEqual({ ok: true })
    expect(await three?.(upgrade({ stationId: 'CS9', clientCertificate: { ...certificate, subjectCommonName: 'CS9' } }))).toEqual(
      refusal(404),
    )
    expect(await profileAdmission(0, credentials, { conceals: true })(upgrade({ stationId: 'CS9' }))).toEqual(refusal(404))
  })

  it('0 admits without anything', async () => {
    expect(await profileAdmission(0, () => ({}))(upgrade({ secure: false }))).toEqual({ ok: true })
  })

  it('1 and 2 want user name and password; 2 wants TLS', async () => {
    const passwordHash = await hashPassword('a:b')
    const given = { user: 'CS1', password: utf8('a:b') }
    const credentials = (id: string) => (id === 'CS1' ? { passwordHash } : {})
    const [one, two] = [profileAdmission(1, credentials), profileAdmission(2, credentials)]
    expect(await one(upgrade({ ...given, secure: false }))).toEqual({ ok: true })
    expect(await two(upgrade(given))).toEqual({ ok: true })
    expect(await two(upgrade({ ...given, secure: false }))).toEqual(refusal(403))
    expect(await two(upgrade())).toEqual(refusal(401))
    expect(await two(upgrade({ ...given, user: 'CS2' }))).toEqual(refusal(401))
    expect(await two(upgrade({ ...given, password: utf8('a:c') }))).toEqual(refusal(401))
    expect(await two(upgrade({ ...given, stationId: 'CS2', user: 'CS2' }))).toEqual(refusal(401))
  })

  it('3 wants a trusted certificate in the name of the station', async () => {
    const three = profileAdmission(3, () => ({}))
    expect(await three(upgrade({ clientCertificate: certificate }))).toEqual({ ok: true })
    expect(await three(upgrade({ clientCertificate: { ...certificate, subjectCommonName: 'x', dnsNames: ['CS1'] } }))).toEqual({ ok: true })
    expect(await three(upgrade())).toEqual(refusal(401))
    expect(await three(upgrade({ clientCertificate: { ...certificate, authorized: false } }))).toEqual(refusal(401))
    expect(await three(upgrade({ clientCertificate: { ...certificate, subjectCommonName: 'CS2' } }))).toEqual(refusal(403))
    expect(await three(upgrade({ clientCertificate: certificate, secure: false }))).toEqual(refusal(403))
  })

  it('3 is not offered without a CA for the clients', () => {
    const pem = { cert: 'c', key: 'k' }
    expect(() => tlsOptions({ ...pem, profile: 3 })).toThrow(expect.objectContaining({ code: 'config-invalid' }))
    expect(tlsOptions({ ...pem, ca: 'a', profile: 3 })).toMatchObject({
      minVersion: 'TLSv1.2',
      requestCert: true,
      rejectUnauthorized: true,
      ca: 'a',
    })
    expect(tlsOptions({ ...pem, profile: 2 })).toMatchObject({ minVersion: 'TLSv1.2', requestCert: false })
  })
})

describe('attempt brake', () => {
  const limits = { burst: 3, refillMs: 1_000 }
  const fail = (brake: AttemptBrake, id: string, address: string): boolean => {
    const attempt = brake.begin(id, address)
    attempt?.(false)
    return attempt !== undefined
  }

  it('stops one address that tries many ids, and forgives one attempt at a time', async () => {
    const clock = virtualClock()
    const brake = new AttemptBrake(clock, limits)
    expect(['a', 'b', 'c', 'd'].map((id) => fail(brake, id, '1.1.1.1'))).toEqual([true, true, true, false])
    expect(fail(brake, 'e', '2.2.2.2')).toBe(true)
    await clock.advance(1_000)
    expect([fail(brake, 'f', '1.1.1.1'), fail(brake, 'g', '1.1.1.1')]).toEqual([true, false])
  })

  it('stops many addresses that try one id', () => {
    const brake = new AttemptBrake(virtualClock(), limits)
    expect(['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'].map((address) => fail(brake, 'CS1', address))).toEqual([true, true, true, false])
  })

  it('counts attempts whose outcome is still open', () => {
    const brake = new AttemptBrake(virtualClock(), limits)
    const open = Array.from({ length: 5 }, (_, i) => brake.begin('CS1', `1.1.1.${i}`))
    expect(open.map((attempt) => attempt !== undefined)).toEqual([true, true, true, false, false])
    open[0]?.(undefined)
    expect(brake.begin('CS1', '9.9.9.9')).toBeDefined()
  })

  it('never locks out the station that was admitted from the same address before', () => {
    const brake = new AttemptBrake(virtualClock(), limits)
    brake.begin('CS1', '1.1.1.1')?.(true)
    // strangers guess at its id, and a broken neighbour shares its address
    for (let i = 0; i < 20; i++) fail(brake, 'CS1', `2.2.2.${i}`)
    for (let i = 0; i < 20; i++) fail(brake, 'CS2', '1.1.1.1')
    expect(brake.begin('CS1', '1.1.1.1')).toBeDefined()
    expect(brake.begin('CS1', '3.3.3.3')).toBeUndefined()
    // but the place it comes from gives nobody a free hand
    expect(Array.from({ length: 4 }, () => fail(brake, 'CS1', '1.1.1.1'))).toEqual([true, true, false, false])
  })

  it('takes a /64 of IPv6, and a mapped IPv4 address, for one address', () => {
    const brake = new AttemptBrake(virtualClock(), limits)
    const same = ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:db8:0:0:1:2:3:4', '2001:db8::']
    expect(same.map((address, i) => fail(brake, `a${i}`, address))).toEqual([true, true, true, false])
    expect(fail(brake, 'b', '2001:db8:0:1::1')).toBe(true)
    expect(['1.2.3.4', '::ffff:1.2.3.4', '::FFFF:1.2.3.4', '1.2.3.4'].map((address, i) => fail(brake, `c${i}`, address))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  it('stays bounded, and forgets the oldest first', () => {
    const brake = new AttemptBrake(virtualClock(), { burst: 1, refillMs: 1e9 })
    fail(brake, 'first', '1.1.1.1')
    expect(fail(brake, 'first', '5.5.5.5')).toBe(false)
    for (let i = 0; i < 10_000; i++) fail(brake, `id${i}`, `2001:db8:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1`)
    expect(fail(brake, 'first', '6.6.6.6')).toBe(true)
  })
})
