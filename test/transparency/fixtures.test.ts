// Real records from the field, judged as the manifest of the fixtures says. The folder is not part of the repository: without it
// this file says so in one line; with FIXTURES set it must be there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/transparency/index.ts'
import { ask } from './support.ts'

const FOLDER = process.env.FIXTURES ?? '../shared/fixtures'
const there = process.env.FIXTURES !== undefined || existsSync(FOLDER)
if (!there) console.log(`skipped: no real records at ${FOLDER}; set FIXTURES to their folder`)

interface Family {
  readonly family: string
  readonly format: string
  readonly files: readonly { readonly file: string }[]
}

const manifest = (): Family[] => JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8'))

const summary = ({ verdict, sessions }: Verdict) => `${verdict} ${sessions.length}`

/** By the beginning of a file's path: the verdict and how many sessions there are. */
const TRUTH: Readonly<Record<string, string>> = {
  'safe-ocmf/keba/': 'valid 100',
  'safe-ocmf/keba-txn/': 'valid 100',
  'safe-ocmf/ocmf-measurements/': 'valid 21',
  'safe-ocmf/safe-01/': 'incomplete 1',
  // "_shouldFail" speaks of the address block beside the records, which nobody signed: two plugs for one session make the address
  // doubtful, not the energy. The three records are signed, whole and in order, so the session is valid; the block is not shown.
  'safe-ocmf/safe-02/': 'valid 1',
  'safe-ocmf/safe-03/': 'incomplete 1',
  'safe-ocmf/ocmf-keba-kcp30/test_ocmf_keba_kcp30_fail': 'invalid 1',
  'safe-ocmf/ocmf-keba-kcp30/': 'valid 1',
  'safe-ocmf/ocmf-bsm/': 'valid 1',
  'safe-ocmf/ocmf-isa/': 'valid 1',
  'safe-ocmf/ocmf-vw/': 'valid 1',
  'safe-ocmf/ocmf-bp256/': 'valid 1',
  'safe-ocmf/ocmf-ebee/test_ocmf_ebee_01': 'valid 1',
  'safe-ocmf/ocmf-ebee/test_ocmf_ebee_02': 'invalid 1',
  // two templates hold no record at all; the other two are signed with nothing that is DER, by a meter that reports errors
  'safe-ocmf/ocmf-isa-receipt/isa-ocmf/OCMF-receipt-template': 'unreadable 0',
  'safe-ocmf/ocmf-isa-receipt/': 'invalid 1',
  // one record twice, and no key: a copy that nobody can check does not make it worse than unproven
  'ocmf/ocmf-dzg/': 'unproven 1',
  'ocmf/ocmf-01/OCMF-Testdata-01_publicKey.txt': 'unreadable 0',
  'ocmf/ocmf-01/': 'incomplete 1',
  'ocmf-tariff/': 'valid 1',
  'ocmf-eddsa/': 'valid 1',
  'ocmf-mldsa/': 'valid 1',
  // one signed line twice: the same start value in both places
  'alfen/alfen-03/ALFEN-Testdata-03_SAFEXMLContainer.xml': 'invalid 1',
  'alfen/alfen-03/ALFEN-Testdata-03_SAFEXMLContainer_withExtensions.xml': 'invalid 1',
  'alfen/alfen-03/ALFEN-Testdata-03_SAFEXMLContainer_asQRCode': 'invalid 1',
  // archives with their key beside the records
  'chargepoint/chargepoint-2020/Testdata-2020-02/0024b1000002e300_2_123017065_withPublicKey.zip': 'valid 1',
  'chargepoint/chargepoint-224-1/Testdata-secp224k1/1/all_combined/': 'valid 6',
  'chargepoint/chargepoint-256-1/Testdata-secp256r1/1/all-combined/0024b10000027b29_1_121709375.zip': 'valid 6',
  'chargepoint/chargepoint-256-1/Testdata-secp256r1/1/all-combined/Testdata-secp256r1.zip': 'valid 7',
  'pdfa3/': 'valid 1',
  'url/': 'unreadable 0',
  'pcdf/pcdf-valid/SIGinvalid': 'invalid 1',
  'pcdf/pcdf-valid/SPinvalid': 'invalid 1',
  'pcdf/': 'valid 1',
  'edl40/': 'incomplete 1',
  'edl40-sig/': 'valid 1',
  'isa-edl40/isa-ok/': 'valid 1',
  'isa-edl40/isa-begin/': 'incomplete 1',
  'isa-edl40/isa-data/': 'invalid 1',
  'mennekes/': 'valid 1',
  'chargeit-emh/chargeit-02/chargeIT-Testdata-02.chargy': 'valid 1',
  'chargeit-bsm/': 'valid 1',
  // one begin in both places
  'ptb/': 'invalid 1',
  'livelink/': 'unreadable 0',
  // a charge transparency record that holds the original record and its signature
  'chargepoint/chargepoint-2020/Testdata-2020-02/0024b1000002e300_2.chargy': 'valid 1',
  'hostile/log4j/log4j_test5': 'unreadable 0',
  'hostile/log4j/': 'invalid 1',
  'hostile/xml-bad/': 'unreadable 0',
  'other/': 'unreadable 0',
}

/** The station's key beside its records, or its key from another year. */
const KEY_OF = (folder: string, station: string): RegExp =>
  folder.includes('256r1') ? new RegExp(`256r1.*/raw/${station}-publicKey\\.pem$`) : new RegExp(`(224|2020).*/${station}\\.pem$`)

const isKey = (file: string): boolean => /publicKey\.(pem|txt|hex)$/.test(file)

const truthOf = (file: string): string | undefined => Object.entries(TRUTH).find(([start]) => file.startsWith(start))?.[1]

const bytesOf = (file: string): Uint8Array => readFileSync(join(FOLDER, file))

describe.skipIf(!there)('real records', () => {
  const families = there ? manifest().filter(({ files }) => files.some(({ file }) => truthOf(file) !== undefined)) : []

  it('are all there', () => {
    expect(families.map(({ family }) => family)).toEqual(expect.arrayContaining(['keba', 'ocmf-01', 'ocmf-dzg', 'bet-001', 'safe-02']))
    expect(families.length).toBeGreaterThanOrEqual(22)
  })

  it.each(families.flatMap(({ files }) => files.map(({ file }) => file)).filter((file) => truthOf(file) !== undefined))(
    '%s',
    async (file) => {
      if (isKey(file)) {
        expect((await ask({ [file]: bytesOf(file) })).inputs).toMatchObject([{ kind: 'key' }])
        return
      }
      const family = families.find(({ files }) => files.some((one) => one.file === file))
      const key = /^ocmf-(tariff|eddsa|mldsa)/.test(file) ? family?.files.find((one) => isKey(one.file))?.file : undefined
      const verdict = await ask({ [file]: bytesOf(file), ...(key === undefined ? {} : { [key]: bytesOf(key) }) })
      expect(summary(verdict)).toBe(truthOf(file))
    },
  )

  const everything = there ? manifest().flatMap(({ files }) => files.map(({ file }) => file)) : []
  const pairs = everything.filter((file) => file.endsWith('/secrrct'))

  it.each(pairs)('%s with its signature', async (file) => {
    const folder = file.split('/').slice(0, -2).join('/')
    const [station = ''] = /[0-9a-f]{16}_[0-9]/.exec(file) ?? []
    const key = everything.find((one) => KEY_OF(folder, station).test(one))
    const pair = { [file]: bytesOf(file), [`${file}.sign`]: bytesOf(`${file}.sign`) }
    expect(summary(await ask(pair))).toBe('unproven 1')
    const verdict = await ask({ ...pair, ...(key === undefined ? {} : { [key]: bytesOf(key) }) })
    expect(key).toBeDefined()
    expect(summary(verdict)).toBe('valid 1')
    const stranger = pairs.find((one) => !one.startsWith(folder))
    expect(summary(await ask({ ...pair, [`${file}.sign`]: bytesOf(`${stranger}.sign`), ...(key && { [key]: bytesOf(key) }) }))).toBe(
      'invalid 1',
    )
  })

  const packed = everything.filter((file) => /_payload.*\.tar\.bz2$/.test(file))

  it.each(packed)('%s with its key and without', async (file) => {
    const [station = ''] = /[0-9a-f]{16}_[0-9]/.exec(file) ?? []
    const folder = file.split('/').slice(0, -1).join('/')
    const key = everything.find((one) => one.startsWith(folder) && one.endsWith('.pem') && one.includes(station)) ?? ''
    const alone = await ask({ [file]: bytesOf(file) })
    expect([summary(alone), alone.inputs.map(({ format }) => format).toSorted()]).toEqual([
      'unproven 1',
      ['bz2', 'chargepoint', 'chargepoint', 'tar'],
    ])
    expect(summary(await ask({ [file]: bytesOf(file), [key]: bytesOf(key) }))).toBe('valid 1')
  })

  it('take a key as PEM, as a signed document and as a code in a picture', async () => {
    const folder = 'chargepoint/chargepoint-2020/Testdata-2020-02'
    const archive = `${folder}/0024b1000002e300_2_123017065_payload.tar.bz2`
    for (const name of ['.pem', '-publicKey.chargy', '-publicKey_minimal.chargy', '.png', '.svg']) {
      const key = `${folder}/0024b1000002e300_2${name}`
      const verdict = await ask({ [archive]: bytesOf(archive), [key]: bytesOf(key) })
      expect([name, summary(verdict), verdict.sessions[0]?.energyWh, verdict.sessions[0]?.keyTrust]).toEqual([
        name,
        'valid 1',
        '12000',
        'supplied',
      ])
      // the document brings its signer's key along, which proves nothing
      const signers = verdict.sessions[0]?.records[0]?.signature.keySigners?.map(({ state }) => state)
      expect(signers).toEqual(name.endsWith('.chargy') ? ['unverified'] : undefined)
    }
  })

  it('name the members of every archive of the old EMH record', async () => {
    for (const ending of ['tar', 'tar.gz', 'tar.bz2', 'zip']) {
      const file = `chargeit-emh/chargeit-02/chargeIT-Testdata-02.${ending}`
      const { inputs } = await ask({ [file]: bytesOf(file) })
      expect(inputs.some(({ name }) => name.endsWith('/chargeIT-Testdatensatz-02.chargy'))).toBe(true)
    }
  })

  it('show an address in a code and do not follow it', async () => {
    for (const ending of ['png', 'svg']) {
      const file = `url/url/chargy.charging.cloud_QRCode.${ending}`
      expect((await ask({ [file]: bytesOf(file) })).inputs.map(({ kind }) => kind)).toEqual(['container', 'link'])
    }
  })

  const sessionOf = async (file: string) => (await ask({ [file]: bytesOf(file) })).sessions[0]

  it('know their energy', async () => {
    expect((await sessionOf('safe-ocmf/ocmf-vw/VW_OCMF_load.xml'))?.energyWh).toBe('1101')
    expect((await sessionOf('safe-ocmf/ocmf-keba-kcp30/fromweb.xml'))?.energyWh).toBe('0.1')
    expect((await sessionOf('safe-ocmf/ocmf-bsm/bsm/ocmf.xml'))?.energyWh).toBe('150')
    expect((await sessionOf('safe-ocmf/ocmf-bp256/brainpoolP256r1.xml'))?.energyWh).toBe('0')
  })

  it('know the energy of JSON, and what is only a link', async () => {
    expect((await sessionOf('chargeit-emh/chargeit-02/chargeIT-Testdata-02.chargy'))?.energyWh).toBe('648.4')
    expect((await sessionOf('chargeit-bsm/bsm-good/bsm/bsm-ws36a-good.json'))?.energyWh).toBe('10')
    const link = 'livelink/livelink-1/ChargeTransparencyLiveLink_1.json'
    expect((await ask({ [link]: bytesOf(link) })).inputs).toMatchObject([
      { kind: 'link', format: 'livelink', fault: { code: 'link-not-followed' } },
    ])
  })

  it('know what they cost by their signed tariff', async () => {
    const folder = 'ocmf-tariff/bet-001/BET_TariffTextExtension/001'
    const files = { 'r.ocmf': bytesOf(`${folder}/001-03.ocmf`), 'publicKey.pem': bytesOf(`${folder}/publicKey.pem`) }
    expect((await ask(files)).sessions[0]?.cost).toMatchObject({ exactCents: '1132.307', amount: '11.32' })
  })

  it('take the key of a file of the same name', async () => {
    const session = await sessionOf('ocmf/ocmf-01/OCMF-Testdata-01.zip')
    expect(session).toMatchObject({ keyTrust: 'supplied', records: [{ signature: { state: 'valid' } }] })
  })

  it('say where the key is missing', async () => {
    expect((await sessionOf('ocmf/ocmf-dzg/OCMF-DZG-01.ocmf'))?.records.map(({ signature }) => signature.state)).toEqual([
      'key-missing',
      'key-missing',
    ])
  })
})
