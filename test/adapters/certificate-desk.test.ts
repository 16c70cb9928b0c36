// Stations that ask for certificates: without end, in the name of another, with a key that was taken back, through somebody else's hands.
import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pkcs10CertificateRequestGenerator, X509Certificate } from '@peculiar/x509'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { Authority, CERTIFICATE_ALGORITHM } from '../../src/adapters/authority.ts'
import { type CertificateDeskParts, certificateDesk } from '../../src/adapters/certificate-desk.ts'
import { asFault, type Fault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { CERTIFICATE_ASKED } from '../../src/roles/behaviours/certificates.ts'
import { csmsLocal, isByOrigin } from '../../src/roles/csms.ts'
import { CsmsDesk } from '../../src/roles/csms-desk.ts'
import { keysOf, settle, virtualClock } from '../overlay/support.ts'
import { makeNetwork } from '../roles/park.ts'
import { fixedRandom } from '../support/fixed-random.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** A desk whose authority issues to whoever it is asked for. */
const willing = (release: Readonly<Record<string, string>> = {}) => {
  const clock = virtualClock()
  const issued: string[] = []
  const failed: string[] = []
  let tell = (_station: string, _isProven?: boolean): void => undefined
  const parts: CertificateDeskParts = {
    desk: {
      onEvent(listener) {
        tell = (station, isProven = true) =>
          listener({ type: 'security', data: { kind: CERTIFICATE_ASKED, station, version: 'ocpp2.1', csr: 'csr', isProven } })
        return () => undefined
      },
    },
    network: makeNetwork(clock, { id: 'csms' }),
    authority: {
      issued: [],
      keyOf: async () => 'ab12',
      sign: async (_csr, { name, onlyKey }) => {
        issued.push(onlyKey === undefined ? name : `${name} ${onlyKey}`)
        return 'chain'
      },
    },
    ...{ clock, days: 90, release, serialOf: () => undefined },
    failed: ({ code, data }: Fault, station) => failed.push(`${station} ${data.rule ?? code}`),
  }
  stops.push(certificateDesk(parts).stop)
  return { clock, issued, failed, tell: (station: string, isProven?: boolean) => tell(station, isProven) }
}

it('a station that asks without end gets five certificates in a day, and no other is kept from its own', async () => {
  const { clock, issued, failed, tell } = willing()
  for (let i = 0; i < 20; i++) tell('greedy')
  tell('other')
  await settle()
  expect(issued).toEqual([...Array(5).fill('greedy'), 'other'])
  expect(failed.filter((each) => each === 'greedy limit-exceeded')).toHaveLength(15)
  await clock.advance(86_400_000 / 5)
  tell('greedy')
  tell('greedy')
  await settle()
  expect(issued.filter((name) => name === 'greedy')).toHaveLength(6)
})

it('who proved to be nobody gets none, but for the key that an operator released; and a flood of ids is told of twenty times', async () => {
  const { issued, failed, tell } = willing({ released: 'ab12' })
  for (let i = 0; i < 30; i++) tell(`cs-${i}`, false)
  await settle()
  expect([issued, failed]).toEqual([[], Array.from({ length: 20 }, (_, i) => `cs-${i} certificate-claim`)])
  const calm = willing({ released: 'ab12' })
  calm.tell('released', false)
  calm.tell('constructor', false)
  await settle()
  // which key that is the authority looks at
  expect([calm.issued, calm.failed.filter((each) => each.includes('claim'))]).toEqual([
    ['released ab12'],
    ['constructor certificate-claim'],
  ])
})

describe('who may ask in the name of a station', () => {
  const setUp = (released: readonly string[] = []) => {
    const clock = virtualClock()
    const keys = keysOf({ cs: 'station', lc: 'local-controller', csms: 'csms' })
    const network = makeNetwork(clock, { id: 'csms' }, { keys })
    const station = makeNetwork(clock, { id: 'cs' }, { keys })
    const store = memoryStore()
    const desk = new CsmsDesk({
      store,
      clock,
      random: fixedRandom(),
      settings: { heartbeatSeconds: 300, certificates: { released }, tokens: {} },
    })
    const heard: Json[] = []
    desk.onEvent(({ data }) => heard.push(data))
    const nothing = (): never => {
      throw new Error('nobody asks for it')
    }
    const local = csmsLocal({
      ...{ desk, clock, links: nothing, notes: nothing, flaw: nothing },
      signedByOrigin: (envelope) => isByOrigin(network.guard.judge(envelope), envelope.path[0] as string),
    })
    const asked = (by = 'cs') => ({
      ...station.overlay.compose('csms', 'SignCertificate', payloadOf({ csr: 'x' }), { ocpp: 'ocpp2.1' }),
      path: [by],
    })
    const peer = (proven: boolean) => ({ kind: 'station', id: 'cs', proven }) as never
    return { clock, keys, local, heard, station, asked, peer }
  }
  const statusOf = async (answer: Promise<{ value: Json }>) =>
    (await answer).value as { status: string; statusInfo?: { reasonCode: string } }

  it('one that showed its credentials at this door, and no other at an open one', async () => {
    const { local, asked, peer, heard } = setUp()
    expect(await statusOf(local.call(asked(), peer(true)))).toEqual({ status: 'Accepted' })
    expect(await statusOf(local.call(asked(), peer(false)))).toMatchObject({
      status: 'Rejected',
      statusInfo: { reasonCode: 'SecurityError' },
    })
    expect(heard).toMatchObject([{ isProven: true }, { isProven: false }])
  })

  it('nobody in the name of another, whatever it showed for itself', async () => {
    const { local, asked, peer } = setUp()
    const passedOn = { ...asked(), path: ['cs', 'lc'] }
    expect(await statusOf(local.call(passedOn, peer(true)))).toMatchObject({ status: 'Rejected' })
    expect(await statusOf(local.call(passedOn, { kind: 'node', id: 'lc', proven: true } as never))).toMatchObject({ status: 'Rejected' })
  })

  it('one that signed it, over any boxes; not by a key that counts no more, nor by that of the box', async () => {
    const { local, asked, station, keys } = setUp()
    const signed = { ...station.guard.sealReport(asked()), path: ['cs', 'lc'] }
    expect(signed.header.signatures).toHaveLength(1)
    expect(await statusOf(local.call(signed, undefined))).toEqual({ status: 'Accepted' })
    keys.trust.replace('cs', [])
    expect(await statusOf(local.call(signed, undefined))).toMatchObject({ status: 'Rejected' })
    const lc = makeNetwork(virtualClock(), { id: 'lc' }, { keys })
    const boxes = { ...lc.guard.sealReport(asked()), path: ['cs', 'lc'] }
    expect(await statusOf(local.call(boxes, undefined))).toMatchObject({ status: 'Rejected' })
    const countersigned = { ...lc.guard.countersign(asked()), path: ['cs', 'lc'] }
    expect(await statusOf(local.call(countersigned, undefined))).toMatchObject({ status: 'Rejected' })
  })

  it('one whose request an operator released', async () => {
    const { local, asked, peer, heard } = setUp(['cs'])
    expect(await statusOf(local.call(asked(), peer(false)))).toEqual({ status: 'Accepted' })
    expect(heard).toMatchObject([{ isProven: false }])
  })
})

describe('the authority', () => {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const request = async (name: string, keys?: webcrypto.CryptoKeyPair): Promise<[string, webcrypto.CryptoKeyPair]> => {
    const pair = keys ?? (await crypto.subtle.generateKey(CERTIFICATE_ALGORITHM, true, ['sign', 'verify']))
    const csr = await Pkcs10CertificateRequestGenerator.create({
      name: [{ CN: [name] }],
      keys: pair,
      signingAlgorithm: CERTIFICATE_ALGORITHM,
    })
    return [csr.toString('pem'), pair]
  }
  const orders = (name: string, more = {}) => ({ name, usage: 'client', days: 1, ...more }) as const

  it('takes the serial number of a station for its name, and certifies the id; no other name', async () => {
    const authority = await Authority.open(folder, { now: () => Date.now() })
    const [csr] = await request('SN-7')
    const { subject } = new X509Certificate(await authority.sign(csr, orders('cs', { serial: 'SN-7' })))
    expect(subject).toBe('CN=cs')
    const rule = async (work: Promise<unknown>) =>
      work.then(
        () => 'issued',
        (error) => asFault(error).data.rule,
      )
    expect(await rule(authority.sign(csr, orders('cs')))).toBe('csr-name')
    expect(await rule(authority.sign(csr, orders('cs', { serial: 'SN-8' })))).toBe('csr-name')
    // whoever carried a request may bring it again: for a key of another, or one that was taken back, there is nothing
    expect(await rule(authority.sign(csr, orders('SN-7')))).toBe('csr-key')
    expect(await rule(authority.sign(csr, orders('cs', { serial: 'SN-7' })))).toBe('issued')
    await authority.revoke(authority.issued[0]?.serial as string)
    expect(await rule(authority.sign(csr, orders('cs', { serial: 'SN-7' })))).toBe('csr-key')
  })

  it('certifies no key for who does not show that he has it', async () => {
    const authority = await Authority.open(folder, { now: () => Date.now() })
    const [csr] = await request('cs')
    const lines = csr.trim().split('\n')
    const der = Buffer.from(lines.slice(1, -1).join(''), 'base64')
    // the last byte of the signature
    der[der.length - 1] = (der[der.length - 1] as number) ^ 1
    const bent = [lines[0], der.toString('base64'), lines.at(-1)].join('\n')
    await expect(authority.sign(bent, orders('cs'))).rejects.toThrow('csr-proof')
    expect(await authority.sign(csr, orders('cs'))).toContain('BEGIN CERTIFICATE')
  })

  it('certifies a key again while its request may be repeated, and not when its certificate has grown old or is over', async () => {
    let now = Date.now()
    const authority = await Authority.open(folder, { now: () => now })
    const [csr] = await request('old')
    const order = orders('old', { days: 30 })
    expect(await authority.sign(csr, order)).toContain('BEGIN CERTIFICATE')
    expect(await authority.sign(csr, order)).toContain('BEGIN CERTIFICATE')
    for (const days of [2, 29, 300]) {
      now += days * 86_400_000
      await expect(authority.sign(csr, order)).rejects.toMatchObject({ data: { rule: 'csr-key' } })
    }
  })

  it('certifies for the key that was released, and no other', async () => {
    const authority = await Authority.open(folder, { now: () => Date.now() })
    const [[mine, keys], [other]] = await Promise.all([request('a'), request('a')])
    const onlyKey = (await authority.keyOf(mine)) as string
    await expect(authority.sign(other, orders('a', { onlyKey }))).rejects.toMatchObject({ data: { rule: 'csr-key' } })
    const [again] = await request('a', keys)
    expect(await authority.sign(again, orders('a', { onlyKey }))).toContain('BEGIN CERTIFICATE')
    expect(await authority.keyOf('no request')).toBeUndefined()
  })
})
