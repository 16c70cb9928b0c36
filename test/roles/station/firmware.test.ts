// Updates at a simulated station of each version: the whole way to the new version, every way that ends before it, over power cuts.
import { beforeAll, describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../src/base/bytes.ts'
import { Fault } from '../../../src/base/fault.ts'
import type { Json } from '../../../src/base/ports.ts'
import { VERSIONS, type Version } from '../../../src/ocpp/version.ts'
import { type Image, writeImage } from '../../../src/roles/firmware/image.ts'
import type { StationParts } from '../../../src/roles/station.ts'
import { engine, signingOffice } from '../firmware/support.ts'
import { type Bench, type BenchOptions, bench, charge } from '../support/test-station.ts'
import { is16 } from '../support/transcript.ts'

const ABOUT: Image = { vendor: 'Chargeproof', model: 'Pillar 2', version: '1.1.0' }
const PROGRAM = utf8('program '.repeat(50))

let office: Awaited<ReturnType<typeof signingOffice>>
beforeAll(async () => {
  office = await signingOffice()
})

/** What a station finds behind addresses; an address without a file cannot be fetched. */
const world = (files: Record<string, Uint8Array>) => {
  const sent: { url: string; name: string; text: string }[] = []
  const fetched: string[] = []
  const upkeep: NonNullable<StationParts['upkeep']> = {
    manufacturer: { engine, key: office.key },
    files: {
      async fetch(url) {
        fetched.push(url)
        const file = files[url]
        if (!file) throw new Fault('unreachable', 'nobody answers there')
        return file
      },
      async send(url, name, bytes) {
        if (url.includes('nowhere')) throw new Fault('unreachable', 'nobody answers there')
        sent.push({ url, name, text: new TextDecoder().decode(bytes) })
      },
    },
  }
  return { upkeep, files, sent, fetched }
}

const url = 'http://127.0.0.1/f'
const update = (it: Bench, version: Version, more: { file?: Uint8Array; signature?: string; certificate?: string; at?: object } = {}) => {
  const { file = writeImage(ABOUT, PROGRAM), signature = office.sign(file), certificate = office.certificate, at = {} } = more
  const firmware = {
    location: url,
    retrieveDateTime: new Date(it.clock.now()).toISOString(),
    signature,
    signingCertificate: certificate,
    ...at,
  }
  const payload: Json = { requestId: 7, retries: 2, retryInterval: 10, firmware }
  return it.csms.order(is16(version) ? 'SignedUpdateFirmware' : 'UpdateFirmware', payload)
}
const notice = (version: Version) => (is16(version) ? 'SignedFirmwareStatusNotification' : 'FirmwareStatusNotification')
const statuses = (it: Bench, version: Version) => it.csms.said(notice(version)).map(({ payload }) => payload.status)
const bootVersion = (it: Bench, version: Version) => {
  const boot = it.csms.last('BootNotification')
  return is16(version) ? boot.firmwareVersion : boot.chargingStation.firmwareVersion
}
const benchWith = (version: Version, { upkeep }: ReturnType<typeof world>, options: BenchOptions = {}) =>
  bench(version, { upkeep, ...options })

describe.each(VERSIONS)('an update in %s', (version) => {
  it('is fetched, checked and installed, and the station comes back as the new version, for good', async () => {
    const there = world({ [url]: writeImage(ABOUT, PROGRAM) })
    const it = await benchWith(version, there)
    expect(await update(it, version)).toEqual({ status: 'Accepted' })
    await it.clock.advance(20_000)
    expect(statuses(it, version)).toEqual(['Downloading', 'Downloaded', 'SignatureVerified', 'Installing', 'Installed'])
    expect(bootVersion(it, version)).toBe('1.1.0')
    if (!is16(version)) expect(it.csms.last('BootNotification').reason).toBe('FirmwareUpdate')
    expect(it.csms.said('SecurityEventNotification').map(({ payload }) => payload.type)).toEqual(['FirmwareUpdated'])
    const after = await benchWith(version, there, { store: await it.store.copy(), clock: it.clock })
    expect([bootVersion(after, version), statuses(after, version)]).toEqual(['1.1.0', []])
    expect(it.csms.flaws).toEqual([])
  })

  it('waits until nobody charges', async () => {
    const it = await benchWith(version, world({ [url]: writeImage(ABOUT, PROGRAM) }))
    await charge(it, 5_000)
    await update(it, version)
    await it.clock.advance(60_000)
    expect(statuses(it, version).at(-1)).toBe('InstallScheduled')
    it.station.unplug(1)
    await it.clock.advance(20_000)
    expect([statuses(it, version).at(-1), bootVersion(it, version)]).toEqual(['Installed', '1.1.0'])
  })

  it('waits for its times', async () => {
    const it = await benchWith(version, world({ [url]: writeImage(ABOUT, PROGRAM) }))
    const at = (ms: number) => new Date(it.clock.now() + ms).toISOString()
    await update(it, version, { at: { retrieveDateTime: at(60_000), installDateTime: at(120_000) } })
    await it.clock.advance(59_000)
    expect(statuses(it, version)).toEqual(['DownloadScheduled'])
    await it.clock.advance(30_000)
    expect(statuses(it, version).at(-1)).toBe('InstallScheduled')
    await it.clock.advance(60_000)
    expect(statuses(it, version).at(-1)).toBe('Installed')
  })

  it.each<[string, string, Partial<Image>, Partial<Record<'file' | 'signature', 'tampered'>>]>([
    ['InvalidSignature', 'one byte of the file is another', {}, { file: 'tampered' }],
    ['InvalidSignature', 'the signature is of another file', {}, { signature: 'tampered' }],
    ['InstallVerificationFailed', 'it is older', { version: '0.9' }, {}],
    ['InstallVerificationFailed', 'it is for another model', { model: 'Pillar 3' }, {}],
    ['InstallVerificationFailed', 'another has to come first', { from: '1.0.5' }, {}],
  ])('ends with %s where %s, and the old version stays', async (status, _why, about, tampered) => {
    const file = writeImage({ ...ABOUT, ...about }, PROGRAM)
    const signature = office.sign(tampered.signature ? concat(file, utf8('!')) : file)
    const it = await benchWith(version, world({ [url]: tampered.file ? file.with(-1, 0) : file }))
    expect(await update(it, version, { file, signature })).toEqual({ status: 'Accepted' })
    await it.clock.advance(60_000)
    expect([statuses(it, version).at(-1), it.station.settings.firmware]).toEqual([status, '1.0.0'])
    const alarms = it.csms.said('SecurityEventNotification').map(({ payload }) => payload.type)
    expect(alarms).toEqual(status === 'InvalidSignature' ? ['InvalidFirmwareSignature'] : [])
  })

  it('goes back where the manufacturer says that it may', async () => {
    const file = writeImage({ ...ABOUT, version: '0.9', rollback: true }, PROGRAM)
    const it = await benchWith(version, world({ [url]: file }))
    await update(it, version, { file })
    await it.clock.advance(20_000)
    expect(bootVersion(it, version)).toBe('0.9')
  })

  it('is not taken with the certificate of a stranger, or one whose time is over', async () => {
    const it = await benchWith(version, world({}))
    for (const other of [await signingOffice(), await signingOffice({ until: Date.UTC(2024, 6, 1) }), { certificate: 'no certificate' }])
      expect(await update(it, version, { certificate: other.certificate })).toEqual({ status: 'InvalidCertificate' })
    await it.clock.advance(20_000)
    expect(statuses(it, version)).toEqual([])
    expect(it.csms.last('SecurityEventNotification').type).toBe('InvalidFirmwareSigningCertificate')
  })

  it('is tried again as often as it was told, and then given up', async () => {
    const there = world({})
    const it = await benchWith(version, there)
    await update(it, version)
    await it.clock.advance(60_000)
    expect([there.fetched.length, statuses(it, version)]).toEqual([3, ['Downloading', 'DownloadFailed']])
  })

  it('begins again after a power cut, and the same order twice is one', async () => {
    const there = world({})
    const it = await benchWith(version, there)
    await update(it, version)
    expect(await update(it, version)).toEqual({ status: 'Accepted' })
    await it.clock.advance(5_000)
    await it.station.stop()
    there.files[url] = writeImage(ABOUT, PROGRAM)
    const after = await benchWith(version, there, { store: await it.store.copy(), clock: it.clock })
    await after.clock.advance(20_000)
    expect([bootVersion(after, version), statuses(after, version).at(-1)]).toEqual(['1.1.0', 'Installed'])
  })

  it('gives way to another order, and says how far it is', async () => {
    const there = world({})
    const it = await benchWith(version, there)
    const trigger = () =>
      it.csms.order(is16(version) ? 'ExtendedTriggerMessage' : 'TriggerMessage', { requestedMessage: 'FirmwareStatusNotification' })
    expect(await trigger()).toEqual({ status: 'Accepted' })
    await it.clock.advance(10)
    expect(it.csms.last('FirmwareStatusNotification')).toEqual({ status: 'Idle' })
    await update(it, version)
    await it.clock.advance(1_000)
    await trigger()
    await it.clock.advance(10)
    expect(it.csms.last(notice(version))).toEqual({ status: 'Downloading', requestId: 7 })
    there.files[url] = writeImage(ABOUT, PROGRAM)
    const file = there.files[url] as Uint8Array
    const firmware = {
      location: url,
      retrieveDateTime: new Date().toISOString(),
      signature: office.sign(file),
      signingCertificate: office.certificate,
    }
    const second = await it.csms.order(is16(version) ? 'SignedUpdateFirmware' : 'UpdateFirmware', {
      requestId: 8,
      firmware: { ...firmware, retrieveDateTime: new Date(it.clock.now()).toISOString() },
    })
    expect(second).toEqual({ status: 'AcceptedCanceled' })
    await it.clock.advance(20_000)
    expect(it.csms.last(notice(version))).toEqual({ status: 'Installed', requestId: 8 })
  })

  it('sends its log where it is told, and says so', async () => {
    const there = world({})
    const it = await benchWith(version, there)
    const log = (remoteLocation: string) =>
      it.csms.order('GetLog', { logType: 'DiagnosticsLog', requestId: 3, retries: 1, retryInterval: 1, log: { remoteLocation } })
    const answer = await log('http://127.0.0.1/up/')
    expect(answer).toMatchObject({ status: 'Accepted' })
    await it.clock.advance(100)
    expect(there.sent).toMatchObject([{ url: 'http://127.0.0.1/up/', name: answer.filename }])
    expect(there.sent[0]?.text).toContain('boot answered')
    await log('http://127.0.0.1/nowhere')
    await it.clock.advance(5_000)
    const words = it.csms.said('LogStatusNotification').map(({ payload }) => payload.status)
    expect(words).toEqual(['Uploading', 'Uploaded', 'Uploading', 'UploadFailure'])
    expect(it.csms.flaws).toEqual([])
  })

  it('sends a log that broke off again, whole, as often and as far apart as it was told', async () => {
    const there = world({})
    const tried: { at: number; text: string }[] = []
    const files = {
      ...there.upkeep.files,
      send: async (_url: string, _name: string, bytes: Uint8Array) => {
        tried.push({ at: it.clock.now(), text: new TextDecoder().decode(bytes) })
        if (tried.length < 3) throw new Fault('unreachable', 'the line broke')
      },
    }
    const it = await bench(version, { upkeep: { ...there.upkeep, files } })
    const log = { remoteLocation: 'http://127.0.0.1/up/' }
    await it.csms.order('GetLog', { logType: 'DiagnosticsLog', requestId: 3, retries: 3, retryInterval: 10, log })
    await it.clock.advance(60_000)
    const [first] = tried
    expect(tried.map(({ at }) => at - (first?.at ?? 0))).toEqual([0, 10_000, 20_000])
    expect(new Set(tried.map(({ text }) => text)).size).toBe(1)
    expect(first?.text).toContain('boot answered')
    expect(it.csms.said('LogStatusNotification').map(({ payload }) => payload.status)).toEqual(['Uploading', 'Uploaded'])
  })

  it('refuses addresses of FTP at once, and says that it knows HTTP alone', async () => {
    const there = world({})
    const it = await benchWith(version, there)
    const refused = { status: 'Rejected', ...(!is16(version) && { statusInfo: { reasonCode: 'UnsupportedParam' } }) }
    for (const location of ['ftp://127.0.0.1/f', 'sftp://127.0.0.1/f', 'file:///f', 'http:///f', '127.0.0.1/f']) {
      expect(await update(it, version, { at: { location } })).toMatchObject(refused)
      const log = { logType: 'DiagnosticsLog', requestId: 3, log: { remoteLocation: location } }
      expect(await it.csms.order('GetLog', log)).toMatchObject(refused)
    }
    await it.clock.advance(60_000)
    expect([there.fetched, there.sent, it.csms.said('LogStatusNotification'), statuses(it, version)]).toEqual([[], [], [], []])
    expect(it.csms.flaws).toEqual([])
  })
})

describe('a station of 1.6 that knows no signatures', () => {
  it('takes the plain order, and looks at what the file says it is', async () => {
    const there = world({ [url]: writeImage(ABOUT, PROGRAM) })
    const upkeep = { files: there.upkeep.files }
    const it = await bench('ocpp1.6', { upkeep })
    const order = () => it.csms.order('UpdateFirmware', { location: url, retrieveDate: new Date(it.clock.now()).toISOString() })
    expect(await order()).toEqual({})
    await it.clock.advance(20_000)
    expect(bootVersion(it, 'ocpp1.6')).toBe('1.1.0')
    there.files[url] = writeImage({ ...ABOUT, version: '1.0.9' }, PROGRAM)
    await order()
    await it.clock.advance(20_000)
    expect(it.csms.said('FirmwareStatusNotification').map(({ payload }) => payload.status)).toEqual([
      ...['Downloading', 'Downloaded', 'Installing', 'Installed'],
      ...['Downloading', 'Downloaded', 'InstallationFailed'],
    ])
    expect(it.csms.flaws).toEqual([])
  })

  it('sends its diagnostics', async () => {
    const there = world({})
    const it = await benchWith('ocpp1.6', there)
    const { fileName } = await it.csms.order('GetDiagnostics', { location: 'http://127.0.0.1/up/' })
    await it.clock.advance(100)
    expect(there.sent.map(({ name }) => name)).toEqual([fileName])
    expect(it.csms.said('DiagnosticsStatusNotification').map(({ payload }) => payload.status)).toEqual(['Uploading', 'Uploaded'])
  })

  it('with its manufacturer’s key refuses the plain one, and without files every one', async () => {
    const it = await benchWith('ocpp1.6', world({}))
    const payload = { location: url, retrieveDate: new Date().toISOString() }
    expect(await it.csms.order('UpdateFirmware', payload)).toMatchObject({ error: 'NotSupported' })
    const bare = await bench('ocpp1.6')
    expect(await bare.csms.order('UpdateFirmware', payload)).toMatchObject({ error: 'NotSupported' })
  })

  it('refuses addresses of FTP at once: its answers have no word for it, so they are errors', async () => {
    const there = world({})
    const it = await bench('ocpp1.6', { upkeep: { files: there.upkeep.files } })
    const location = 'ftp://user:secret@127.0.0.1/f'
    expect(await it.csms.order('UpdateFirmware', { location, retrieveDate: new Date().toISOString() })).toMatchObject({
      error: 'NotSupported',
    })
    expect(await it.csms.order('GetDiagnostics', { location })).toMatchObject({ error: 'NotSupported' })
    const key = 'SupportedFileTransferProtocols'
    expect(await it.csms.order('GetConfiguration', { key: [key] })).toEqual({
      configurationKey: [{ key, readonly: true, value: 'HTTP,HTTPS' }],
    })
    await it.clock.advance(60_000)
    expect([there.fetched, there.sent]).toEqual([[], []])
  })
})
