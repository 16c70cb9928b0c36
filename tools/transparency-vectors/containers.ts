// The golden vectors of JSON containers: chargeIT's with lines of Alfen, the PTB's, charge transparency records and live links.
import { base64, hex, utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import { rawToDer } from '../../src/crypto/der.ts'
import { alfenBlock, alfenEnd, alfenLine } from './alfen.ts'
import { bsmEnd, bsmStart, bsmValue } from './bsm.ts'
import type { ContainerVectors, VectorCase } from './case.ts'
import { emhValue, newContainer, oldContainer } from './chargeit-emh.ts'
import { energyDocument } from './chargepoint.ts'
import { signedCtrVectors } from './ctr-signed.ts'
import { edlBlock } from './edl-maker.ts'
import { beginRecord, END, endRecord, type Fields, hexKeyOf, ocmfText, present, SIGNER } from './maker.ts'
import { vectorSigner } from './signer.ts'
import { BEGIN, FINISH, THREE } from './two-records.ts'

const MORE = '20.500'
const KEY = base64(Uint8Array.from(hexKeyOf(SIGNER).match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)))

const json = (fields: Fields): string => JSON.stringify(fields, null, 1)

export const chargeitVectors: ContainerVectors = {
  container: 'chargeit',
  cases: () => {
    const lines = [alfenBlock(), alfenEnd()].map((block): Fields => ({ format: 'ALFEN', payload: alfenLine(block) }))
    const of = (name: string, text: string): VectorCase => ({ name, question: { 'session.json': text } })
    // more energy, under the signature of less
    const [data, signature] = [alfenLine(alfenEnd({ value: 30_500n })), alfenLine(alfenEnd())].map((line) => line.split(';'))
    const last = [...(data?.slice(0, 5) ?? []), ...(signature?.slice(5) ?? [])].join(';')
    return [
      of('session-alfen', oldContainer(lines)),
      of('session-alfen-new', newContainer(lines.map((line) => ({ '@context': 'ALFEN', ...line })))),
      of('alfen-tampered', oldContainer([...lines.slice(0, 1), { format: 'ALFEN', payload: last }])),
      of(
        'another-value-tampered',
        oldContainer([bsmStart(), bsmEnd()].map((points) => bsmValue(points))).replace(/"value": 10500/g, '"value": 20500'),
      ),
      of('two-formats', oldContainer([emhValue(edlBlock()), bsmValue(bsmStart())])),
      of('value-of-no-format', oldContainer([bsmValue(bsmStart()), bsmValue(bsmEnd()), { hello: 'world' }])),
      of('value-no-object', oldContainer([bsmValue(bsmStart()), bsmValue(bsmEnd())]).replace(/\]\s*\}$/, ', 5]}')),
      of('no-values', oldContainer([])),
      of('no-list', oldContainer([], { signedMeterValues: 'none' })),
      of(
        'meter-beside-differs',
        newContainer(
          [bsmStart(), bsmEnd()].map((points) => bsmValue(points)),
          { meterInfo: { meterId: 'CPV9' } },
        ),
      ),
    ]
  },
}

const ENVELOPE: Fields = {
  format: 'ptb',
  formatVersion: '1.0',
  publicKey: KEY,
  chargeboxIdentifier: 'DE*CPV*E0001',
  address: { street: 'Musterweg 1', postalCode: '07743', city: 'Jena', country: 'DE' },
  geoLocation: { lat: 50.93, lng: 11.59 },
  ocmfBegin: BEGIN,
  ocmfEnd: FINISH,
}

export const ptbVectors: ContainerVectors = {
  container: 'ptb',
  cases: () => {
    const of = (name: string, over: Fields = {}): VectorCase => ({ name, question: { 'session.json': json({ ...ENVELOPE, ...over }) } })
    return [
      of('session'),
      of('session-without-a-place', { address: undefined, geoLocation: undefined, formatVersion: undefined }),
      of('session-in-other-words', { address: { street: 'Musterweg 1', zipCode: '07743', town: 'Jena' } }),
      of('begin-tampered', { ocmfBegin: BEGIN.replace('10.000', '11.000') }),
      of('end-tampered', { ocmfEnd: FINISH.replace(MORE, '21.500') }),
      of('one-record-twice', { ocmfEnd: BEGIN }),
      of('end-absent', { ocmfEnd: undefined }),
      of('end-of-another-meter', { ocmfEnd: ocmfText(endRecord({ MS: 'CPM-0002' })) }),
      of('stray-between', { ocmfBetween: FINISH.replace(MORE, '21.500') }),
      of('key-absent', { publicKey: undefined }),
      of('key-of-another-tampered', { publicKey: hexKeyOf(vectorSigner('secp256r1', 'stranger')) }),
      of('envelope-of-errors', {
        formatVersion: '2.0',
        publicKey: 5,
        chargeboxIdentifier: '',
        address: { country: 'DE' },
        geoLocation: { lat: 91, lon: 11 },
        ocmfEnd: null,
      }),
      { name: 'member-twice', question: { 'session.json': json(ENVELOPE).replace('"ocmfEnd"', '"ocmfBegin"') } },
      { name: 'prototype', question: { 'session.json': json(ENVELOPE).replace('"ocmfEnd"', '"__proto__"') } },
    ]
  },
}

/** Nothing in it is signed, and everything says that it is good. */
const stated = (over: Fields = {}): Fields => ({
  '@id': 'session-1',
  '@context': 'https://open.charging.cloud/contexts/SessionSignatureFormats/OCMFv1.0+json',
  begin: '2026-03-01T07:00:00Z',
  end: '2026-03-01T08:00:00Z',
  EVSEId: 'DE*CPV*E0001*1',
  measurements: [
    {
      energyMeterId: 'CPM-0001',
      obis: '1-0:1.8.0',
      unit: 'kWh',
      scale: 0,
      values: [
        { timestamp: '2026-03-01T07:00:00Z', value: '10.000', result: { status: 'ValidSignature' } },
        { timestamp: '2026-03-01T08:00:00Z', value: '20.500', result: { status: 'ValidSignature' } },
      ],
    },
  ],
  verificationResult: { status: 'ValidSignature' },
  ...over,
})

const record = (sessions: readonly Fields[], over: Fields = {}): string =>
  json({
    '@id': 'record-1',
    '@context': 'https://open.charging.cloud/contexts/CTR+json',
    begin: '2026-03-01T07:00:00Z',
    end: '2026-03-01T08:00:00Z',
    chargingSessions: sessions as Json,
    publicKeys: [{ '@id': 'CPM-0001', value: hexKeyOf(SIGNER) }],
    verificationResult: { status: 'ValidSignature' },
    ...over,
  })

const STATION = vectorSigner('secp224k1', 'chargepoint')

/** ChargePoint's record lies in base64 beside its signature. */
const chargepointSession = (text: string, signed = text): Fields =>
  stated({
    original: base64(utf8(text)),
    signature: hex(rawToDer(STATION.sign('SHA-256', utf8(signed)))),
    EVSEId: '0024b10000c0ffee-2',
    measurements: [{ energyMeterId: '240008S', unit: 'kWh', scale: 0, values: [{ value: '74.6' }, { value: '86.6' }] }],
  })

const STATION_KEYS: Fields = {
  chargingStations: [
    { '@id': '0024b10000c0ffee', EVSEs: [{ '@id': '0024b10000c0ffee-2', publicKeys: [{ value: `04${hex(STATION.publicKey.point)}` }] }] },
  ],
}

/** What a program repeats of a record beside it, right and wrong. */
const toldCases = (of: (name: string, text: string) => VectorCase): VectorCase[] => {
  const original = base64(utf8(`${BEGIN}\n${FINISH}`))
  const values = (over: readonly Fields[]): Json => [
    { energyMeterId: 'CPM-0001', obis: '1-0:1.8.0', unit: 'kWh', scale: 0, values: over.map(present) },
  ]
  const [first, last] = [
    { timestamp: '2026-03-01T07:00:00Z', value: '10.000' },
    { timestamp: '2026-03-01T08:00:00Z', value: '20.500' },
  ]
  const between = { timestamp: '2026-03-01T07:30:00Z', value: '15.000' }
  const told = (name: string, over: Fields): VectorCase => of(name, record([stated({ original, ...over })]))
  const tariff = (TT: string): string => base64(utf8([ocmfText(beginRecord({ TT })), ocmfText(endRecord({ TT }))].join('\n')))
  const priced = (name: string, total: string): VectorCase =>
    of(name, record([stated({ original: tariff('003;EUR;100;2'), costs: { total, currency: 'EUR' } })]))
  return [
    told('session-told-rounded', {
      measurements: values([
        { ...first, value: '10.0' },
        { ...last, value: '20.5' },
      ]),
    }),
    told('session-told-in-another-zone', { begin: '2026-03-01T08:00:00+01:00', end: '2026-03-01T09:00:00+01:00' }),
    told('session-told-from-plug-to-plug', { begin: '2026-03-01T05:00:00Z', end: '2026-03-02T08:00:00Z' }),
    told('session-told-of-power', { measurements: [{ unit: 'kW', values: [{ value: '3' }] }] }),
    told('session-told-in-watt-hours', { measurements: [{ unit: ' Watt hours', values: [{ value: '10000' }, { value: '20500' }] }] }),
    told('told-unit-that-is-none-tampered', { measurements: [{ unit: 'kWhr', values: [{ value: '99.5' }] }] }),
    told('told-value-tampered', { measurements: values([first, { ...last, value: '30.500' }]) }),
    told('session-told-of-three', { measurements: values([first, between, last]), original: base64(utf8(THREE.join('\n'))) }),
    told('told-end-of-a-reading-between-tampered', { measurements: values([first, between]), original: base64(utf8(THREE.join('\n'))) }),
    told('told-values-exchanged-tampered', { measurements: values([last, first]) }),
    told('told-time-of-value-tampered', { measurements: values([first, { ...last, timestamp: '2026-03-01T07:30:00Z' }]) }),
    told('told-begin-tampered', { begin: '2026-03-01T07:30:00Z' }),
    told('told-end-tampered', { end: '2026-03-01T07:30:00Z' }),
    priced('session-told-price', '2.20'),
    priced('told-price-tampered', '3.20'),
  ]
}

export const ctrVectors: ContainerVectors = {
  container: 'ctr',
  cases: () => {
    const of = (name: string, text: string): VectorCase => ({ name, question: { 'record.chargy': text } })
    const texts = (begin: string, end: string): Fields => stated({ measurements: [{ values: [{ ocmf: begin }, { ocmf: end }] }] })
    const parking = energyDocument()
    return [
      of('session-ocmf', record([texts(BEGIN, FINISH)])),
      of('session-original', record([stated({ original: base64(utf8(`${BEGIN}\n${FINISH}`)) })])),
      of('session-original-and-its-records', record([{ ...texts(BEGIN, FINISH), original: base64(utf8(`${BEGIN}\n${FINISH}`)) }])),
      of(
        'original-beside-another-record-tampered',
        record([{ ...texts(BEGIN, FINISH.replace(MORE, '30.500')), original: base64(utf8(`${BEGIN}\n${FINISH}`)) }]),
      ),
      of('session-chargepoint', record([chargepointSession(parking)], STATION_KEYS)),
      of('ocmf-tampered', record([texts(BEGIN, FINISH.replace(MORE, '30.500'))])),
      of('original-tampered', record([stated({ original: base64(utf8(`${BEGIN}\n${FINISH.replace(MORE, '30.500')}`)) })])),
      of(
        'chargepoint-tampered',
        record([chargepointSession(energyDocument({ total_energy: '#13.0', meter_endreading: '#87.6' }), parking)], STATION_KEYS),
      ),
      of('chargepoint-unsigned', record([{ ...chargepointSession(parking), signature: 'none' }], STATION_KEYS)),
      of('results-stated', record([stated()])),
      of('results-stated-alone', json(stated())),
      of('results-stated-beside-a-record', record([texts(BEGIN, FINISH), stated({ '@id': 'session-2' })])),
      of('one-reading', record([stated({ measurements: [{ energyMeterId: 'CPM-0001', unit: 'kWh', values: [{ value: '1' }] }] })])),
      of('session-of-nothing', record([{ '@id': 'session-1' }])),
      of('no-sessions', record([])),
      of('key-absent', record([texts(BEGIN, FINISH)], { publicKeys: undefined })),
      of(
        'keys-of-others',
        record([texts(BEGIN, FINISH)], {
          publicKeys: ['a', 'b'].map((name) => ({ '@id': name, value: hexKeyOf(vectorSigner('secp256r1', name)) })),
        }),
      ),
      ...toldCases(of),
      ...signedCtrVectors(),
      of('payload-of-two-readings', record([stated({ original: ocmfText(endRecord({}, { ...END, RV: '#5.000' })) })])),
    ]
  },
}

const LINK: Fields = {
  '@context': 'https://open.charging.cloud/contexts/chargeTransparency/live/link/1.0',
  timestamp: '2026-03-01T07:00:00Z',
  transports: [{ type: 'https', url: 'https://127.0.0.1/never' }],
}

/** With what the meter has signed so far, under the names that the format has since 2026. */
const live = (values: Json, over: Fields = {}): string =>
  json({
    '@id': 'session-1',
    '@context': LINK['@context'],
    created: '2026-03-01T07:00:00Z',
    chargingStationOperator: {
      '@id': 'DE*CPV',
      publicKeys: [{ keyUsage: ['signCTRs'], value: hexKeyOf(vectorSigner('secp256r1', 'stranger')) }],
    },
    chargingStation: {
      '@id': 'DE*CPV*S0001',
      EVSE: {
        '@id': 'DE*CPV*E0001',
        energyMeter: {
          '@id': 'CPM-0001',
          publicKeys: [
            {
              keyUsage: ['signMeterValues'],
              algorithm: 'ECDSA-secp256r1',
              encodings: ['SubjectPublicKeyInfo', 'DER', 'hex'],
              value: hexKeyOf(SIGNER),
            },
          ],
        },
      },
    },
    liveTransports: [{ type: 'https', url: 'https://127.0.0.1/never', refresh: 10 }],
    signedMeterValues: { encodings: ['OCMF', 'plain'], values },
    ...over,
  })

export const livelinkVectors: ContainerVectors = {
  container: 'livelink',
  cases: () => {
    const of = (name: string, text: string): VectorCase => ({ name, question: { 'link.json': text } })
    const encoded = [BEGIN, FINISH].map((text) => base64(utf8(text)))
    const forOthers = live([BEGIN, FINISH]).replace('"signMeterValues"', '"signMeterCertificates"')
    return [
      of('link', json(LINK)),
      { name: 'link-beside-a-session', question: { 'link.json': json(LINK), 'session.json': json(ENVELOPE) } },
      of('link-with-a-session-inside', json({ ...ENVELOPE, ...LINK })),
      of('running', live([BEGIN])),
      of('session', live([BEGIN, FINISH])),
      of('session-leads-nowhere', live([BEGIN, FINISH], { liveTransports: undefined })),
      of('session-in-base64', live([], { signedMeterValues: { encodings: ['OCMF', 'base64'], values: encoded } })),
      of('value-tampered', live([BEGIN, FINISH.replace(MORE, '30.500')])),
      of('begin-tampered', live([BEGIN.replace('10.000', '9.000'), FINISH])),
      of('key-for-something-else', forOthers),
      of('no-values', live([])),
      of('no-list', live('none')),
      of('value-no-text', live([BEGIN, 5, FINISH])),
      of('value-of-no-format', live([BEGIN, 'hello', FINISH])),
    ]
  },
}
