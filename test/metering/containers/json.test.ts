// The containers in JSON: each is told by its content, by itself, and gives everything that is inside.
import { describe, expect, it } from 'vitest'
import { base64, utf8 } from '../../../src/base/bytes.ts'
import type { ContainerName } from '../../../src/metering/container.ts'
import { containerOf } from '../../../src/metering/containers.ts'
import { contentOfText } from '../../../src/metering/json-document.ts'
import { signedRecordOf } from '../../../src/roles/behaviours/signed-values.ts'
import { transparencyRecord } from '../../../src/roles/record.ts'
import { bytesOf } from '../../../tools/transparency-vectors/case.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, SIGNER } from '../../../tools/transparency-vectors/maker.ts'
import { CONTAINER_VECTORS } from '../../../tools/transparency-vectors/registry.ts'
import { ask, faults } from '../../transparency/support.ts'

const BEGIN = ocmfText(beginRecord())
const FINISH = ocmfText(endRecord())
const KEY = hexKeyOf(SIGNER)

const nameOf = (text: string): ContainerName | undefined => containerOf(contentOfText(text))?.name

describe('a document', () => {
  it.each<[string, ContainerName | undefined]>([
    ['{"signedMeterValues":[]}', 'chargeit'],
    ['{"format":"ptb"}', 'ptb'],
    ['{"format":"PTB"}', undefined],
    ['{"signed_values":[]}', 'ocpi'],
    ['{"signed_data":null}', 'ocpi'],
    ['{"cdr_token":{},"charging_periods":[],"total_energy":1}', 'ocpi'],
    ['{"data":[{"signed_data":{}}]}', 'ocpi'],
    ['{"data":{"data":1}}', undefined],
    ['[2,"id","MeterValues",{"meterValue":[{"sampledValue":[{"signedMeterValue":{}}]}]}]', 'ocpp'],
    ['{"signedMeterData":"x"}', 'ocpp'],
    ['{"format":"SignedData","value":"x"}', 'ocpp'],
    ['{"format":"Raw","value":"x"}', undefined],
    ['{"chargingSessions":[]}', 'ctr'],
    ['{"@context":"https://open.charging.cloud/contexts/CTR+json"}', 'ctr'],
    ['{"@context":"https://open.charging.cloud/contexts/chargeTransparency/live/link/1.0"}', 'livelink'],
    ['{"@context":"https://example.com/contexts/chargeTransparency/live/link/1.0"}', undefined],
    ['{"__proto__":{"signedMeterValues":[]}}', undefined],
    ['{"text":"\\"signedMeterValues\\""}', undefined],
    ['{"@id":"x","value":42}', undefined],
    ['[]', undefined],
  ])('%s is %s', (text, expected) => {
    expect(nameOf(text)).toBe(expected)
    expect(nameOf(` \n${text}\n`)).toBe(expected)
  })

  it.each(CONTAINER_VECTORS.flatMap(({ container, cases }) => cases().map(({ name, question }) => ({ container, name, question }))))(
    'of $container ($name) is told by its content and not by its name',
    async ({ question }) => {
      const renamed = Object.fromEntries(Object.values(question).map((content, index) => [`${index}.bin`, content]))
      const [named, nameless] = [await ask(question), await ask(renamed)]
      expect(nameless.verdict).toBe(named.verdict)
      expect(nameless.inputs.map(({ kind, format }) => [kind, format])).toEqual(named.inputs.map(({ kind, format }) => [kind, format]))
      for (const content of Object.values(question)) expect(bytesOf(content).length).toBeGreaterThan(0)
    },
  )
})

describe('the PTB envelope', () => {
  it('tells all its errors at once, each with its path', async () => {
    const { inputs } = await ask({ 'a.json': JSON.stringify({ format: 'ptb', formatVersion: 2, address: [], geoLocation: { lat: '1' } }) })
    expect(inputs[0]?.fault).toMatchObject({ code: 'record-malformed' })
    for (const path of [
      '$.publicKey',
      '$.chargeboxIdentifier',
      '$.ocmfBegin',
      '$.ocmfEnd',
      '$.address',
      '$.geoLocation.lat',
      '$.geoLocation.lng',
      '$.formatVersion',
    ])
      expect(inputs[0]?.fault?.detail).toContain(`${path}:`)
  })
})

describe('what stands around a record', () => {
  it('is shown as not signed', async () => {
    const cdr = {
      id: 'cdr-1',
      total_energy: 99,
      signed_data: { public_key: KEY, signed_values: [{ nature: 'End', plain_data: '', signed_data: FINISH }] },
    }
    const { sessions } = await ask({ 'cdr.json': JSON.stringify(cdr) })
    expect(sessions[0]?.records[0]?.unsigned).toEqual([
      { name: 'id', value: 'cdr-1' },
      { name: 'total_energy', value: '99' },
      { name: 'signed_data.signed_values[0].nature', value: 'End' },
    ])
  })

  it('never makes a session of one record', async () => {
    const value = { nature: 'Start', plain_data: '', signed_data: BEGIN }
    const { verdict } = await ask({ 'a.json': JSON.stringify({ public_key: KEY, signed_values: [value] }) })
    expect(verdict).toBe('incomplete')
  })

  it('may not show another text than the signed one', async () => {
    for (const plain of [FINISH, `AP;${FINISH}`, '{}', `OCMF|${FINISH}`]) {
      const value = { nature: 'Start', plain_data: plain, signed_data: BEGIN }
      const { verdict } = await ask({ 'a.json': JSON.stringify({ public_key: KEY, signed_values: [value] }) })
      expect(verdict).toBe('invalid')
    }
  })
})

describe('our own back end', () => {
  it('hands out records that verify, from messages of 1.6 and 2.x', async () => {
    const value = (text: string) => ({
      signedMeterData: base64(utf8(text)),
      encodingMethod: 'OCMF',
      signingMethod: '',
      publicKey: base64(utf8(`oca:base16:asn1:${KEY}`)),
    })
    const samples = [
      { value: 1, context: 'Transaction.Begin', signedMeterValue: value(BEGIN) },
      { value: JSON.stringify(value(FINISH)), context: 'Transaction.End', format: 'SignedData' },
    ]
    const signedRecords = samples.flatMap((sample) => signedRecordOf(sample, 0) ?? [])
    const safe = transparencyRecord({ id: 'tx-1', signedRecords })
    const asked = [
      { [safe?.name ?? '']: safe?.body ?? '' },
      { 'messages.json': JSON.stringify(samples) },
      { 'transaction.json': JSON.stringify({ id: 'tx-1', signedRecords }) },
    ]
    for (const question of asked) {
      const { verdict, sessions } = await ask(question)
      expect([verdict, sessions.map(({ energyWh }) => energyWh)]).toEqual(['valid', ['10500']])
    }
  })
})

describe('a charge transparency record', () => {
  it('is not believed, whatever it states', async () => {
    const values = [1, 2].map((hour) => ({
      timestamp: `2026-03-01T0${hour}:00:00Z`,
      value: `${hour}`,
      status: 'ValidSignature',
      validationStatus: 'ValidSignature',
    }))
    for (const method of ['OCMFv1.0', 'EDL40', 'PCDF', 'AlfenCrypt01']) {
      const session = {
        '@context': `https://open.charging.cloud/contexts/SessionSignatureFormats/${method}+json`,
        verificationResult: { status: 'ValidSignature' },
        verdict: 'valid',
        measurements: [{ energyMeterId: 'CPM-0001', unit: 'kWh', values, verificationResult: { status: 'ValidSignature' } }],
      }
      const { verdict, sessions } = await ask({
        'forged.chargy': JSON.stringify({ chargingSessions: [session], status: 'ValidSignature' }),
      })
      expect([verdict, sessions[0]?.records[0]?.signature.state, sessions[0]?.keyTrust]).toEqual(['unproven', 'absent', 'none'])
    }
  })

  it('names each session that it cannot read', async () => {
    const answer = await ask({ 'r.chargy': JSON.stringify({ chargingSessions: [5, {}, { measurements: [{}] }] }) })
    expect([answer.verdict, ...faults(answer)]).toEqual([
      'unreadable',
      'r.chargy/chargingSessions[0] record-malformed',
      'r.chargy/chargingSessions[1] input-unknown',
      'r.chargy/chargingSessions[2] input-unknown',
    ])
  })
})

describe('a large document', () => {
  it('is read in time, however it repeats itself', async () => {
    const many = (item: string, count: number): string => `[${Array(count).fill(item).join(',')}]`
    const texts = [
      many('{"signedMeterData":"x"}', 20_000),
      `{"placeInfo":${many('"x"', 50_000)},"signedMeterValues":${many('{"a":1}', 20_000)}}`,
      `{"chargingSessions":${many('{"EVSEId":"a"}', 15_000)},"publicKeys":${many('{"@id":"a","value":"b"}', 15_000)}}`,
      `{"public_key":"x","signed_values":${many('{"signed_data":"x"}', 15_000)}}`,
    ]
    const begun = performance.now()
    for (const text of texts) expect((await ask({ 'a.json': text })).verdict).toBe('unreadable')
    expect(performance.now() - begun).toBeLessThan(8000)
  })
})
