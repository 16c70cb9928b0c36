// The golden vectors of EMH values in chargeIT's JSON: both layouts of the container, and twins for every signed member and every rule.
import { hex } from '../../src/base/bytes.ts'
import { type BlockField, blockNumber } from '../../src/metering/block.ts'
import { EDL_BLOCK } from '../../src/metering/formats/edl/block.ts'
import { type Files, type FormatVectors, fieldTwins, type VectorCase } from './case.ts'
import { edlBlock, edlEnd, edlSignature, keyHex } from './edl-maker.ts'
import type { Fields } from './maker.ts'
import { vectorSigner } from './signer.ts'

const SIGNER = vectorSigner('secp192r1', 'emh')
const OFFSET = 60

const number = (block: Uint8Array, field: BlockField): number =>
  Number(blockNumber(block, { ...field, form: field.form === 'hex' ? 'unsigned' : field.form }))
const octets = (block: Uint8Array, { at, length }: BlockField): string => hex(block.subarray(at, at + length)).toUpperCase()
const local = (block: Uint8Array, field: BlockField): Fields => ({
  timestampLocal: { timestamp: number(block, field) - 60 * OFFSET, localOffset: OFFSET, seasonOffset: 0 },
})

/** The value whose members make this block; signed as it stands unless a signature is given. */
export const emhValue = (block: Uint8Array, signature = edlSignature(block, SIGNER).subarray(0, 48), over: Fields = {}): Fields => ({
  timestamp: 1_772_348_400,
  meterInfo: { firmwareVersion: '1.0', publicKey: keyHex(SIGNER), meterId: octets(block, EDL_BLOCK.serverId), manufacturer: 'Chargeproof' },
  transactionId: 'tx-0001',
  contract: {
    type: 'RFID_TAG_ID',
    ...local(block, EDL_BLOCK.contractTime),
    id: String.fromCharCode(...block.subarray(41, 169)).replace(/\0+$/, ''),
  },
  measurementId: number(block, EDL_BLOCK.pagination).toString(16).padStart(8, '0').toUpperCase(),
  measuredValue: {
    ...local(block, EDL_BLOCK.time),
    value: String(blockNumber(block, EDL_BLOCK.value)),
    unit: 'WATT_HOUR',
    scale: number(block, EDL_BLOCK.scaler),
    valueType: 'Integer64',
    unitEncoded: number(block, EDL_BLOCK.unit),
  },
  measurand: { id: octets(block, EDL_BLOCK.obis), name: 'ENERGY_TOTAL' },
  additionalInfo: {
    indexes: { timer: number(block, EDL_BLOCK.secondIndex), logBook: octets(block, EDL_BLOCK.logbook) },
    status: octets(block, EDL_BLOCK.status),
  },
  signature: hex(signature).toUpperCase(),
  ...over,
})

const PLACE = {
  evseId: 'DE*CPV*E0001*1',
  address: { street: 'Musterweg 1', zipCode: '07743', town: 'Jena' },
  geoLocation: { lat: 50.93, lon: 11.59 },
} as const

export const oldContainer = (values: readonly Fields[], over: Fields = {}): string =>
  JSON.stringify({ placeInfo: PLACE, signedMeterValues: values, ...over }, null, 1)

const { evseId, ...placeInfo } = PLACE

export const newContainer = (values: readonly Fields[], over: Fields = {}): string =>
  JSON.stringify(
    {
      '@context': 'https://www.chargeit-mobility.com/contexts/charging-station-json-v1',
      '@id': 'b0a7a3a2-0001-4000-8000-000000000001',
      chargePointInfo: { evseId, placeInfo },
      chargingStationInfo: { manufacturer: 'Chargeproof', controllerSoftwareVersion: 'v1.2.34' },
      signedMeterValues: values,
      ...over,
    },
    null,
    1,
  )

const [B, E] = [edlBlock(), edlEnd()]
const asked = (...values: readonly Fields[]): Files => ({ 'session.chargy': oldContainer(values) })
const of = (name: string, ...blocks: readonly Uint8Array[]): VectorCase => ({
  name,
  question: asked(...blocks.map((block) => emhValue(block))),
})
const altered = (name: string, from: string | RegExp, to: string): VectorCase => ({
  name: `form-${name}`,
  question: { 'session.chargy': oldContainer([emhValue(B), emhValue(E)]).replace(from, to) },
})

/** Of the name that the vectors' contracts have; behind it are zeros, which no member writes. */
const CONTRACT_BYTES = 8
const STRANGER = vectorSigner('secp192r1', 'stranger')

export const chargeitEmhVectors: FormatVectors = {
  format: 'chargeit-emh',
  cases: () => [
    of('session', B, E),
    of('session-in-any-order', E, B),
    { name: 'session-new-container', question: { 'session.json': newContainer([emhValue(B), emhValue(E)]) } },
    { name: 'session-meter-said-once', question: { 'session.json': meterSaidOnce() } },
    { name: 'session-values-alone', question: { 'a.json': JSON.stringify(emhValue(B)), 'b.json': JSON.stringify(emhValue(E)) } },
    { name: 'session-key-with-04', question: asked(...[B, E].map((block) => emhValue(block, undefined, withKey(`04${keyHex(SIGNER)}`)))) },
    { name: 'key-of-another', question: asked(...[B, E].map((block) => emhValue(block, undefined, withKey(keyHex(STRANGER))))) },
    {
      name: 'key-missing',
      question: {
        'session.chargy':
          asked(emhValue(B), emhValue(E))
            ['session.chargy']?.toString()
            .replace(/"publicKey": "[^"]*",/g, '') ?? '',
      },
    },
    { name: 'signature-of-another', question: asked(emhValue(B), emhValue(E, edlSignature(E, STRANGER).subarray(0, 48))) },
    { name: 'signature-with-logbook', question: asked(emhValue(B, edlSignature(B, SIGNER)), emhValue(E, edlSignature(E, SIGNER))) },
    { name: 'signature-absent', question: asked(emhValue(B), emhValue(E, undefined, { signature: undefined })) },
    { name: 'signature-cut', question: asked(emhValue(B), emhValue(E, edlSignature(E, SIGNER).subarray(0, 47))) },
    { name: 'signature-of-64-bytes', question: asked(emhValue(B), emhValue(E, new Uint8Array(64).fill(1))) },
    altered('member-missing', /"measurementId": "00000014",/, ''),
    altered('member-twice', '"scale": -1,', '"scale": -1, "scale": 0,'),
    altered('value-no-number', '"value": "100000"', '"value": "100000.0"'),
    altered('value-as-a-number', /"value": "(\d+)"/g, '"value": $1'),
    altered('value-as-a-float', '"value": "100000"', '"value": 1e5'),
    altered('value-too-large', '"value": "100000"', '"value": "9223372036854775808"'),
    altered('meter-too-short', /"meterId": "0901/, '"meterId": "01'),
    altered('prototype', '"transactionId": "tx-0001"', '"__proto__": {"signature": "00"}'),
    altered('text-behind-it', /$/, ' {}'),
    of('rule-begin-missing', E),
    of('rule-duplicate', B, B),
    of('rule-duplicate-number', B, edlEnd({ pagination: 20n })),
    of('rule-time-backwards', B, edlEnd({ time: 1_772_351_999n })),
    of('rule-energy-decreasing', B, edlEnd({ value: 99_999n })),
    of('rule-energy-decreasing-by-scaler', B, edlEnd({ scaler: -2n })),
    of('rule-source-mismatch-register', B, edlEnd({ obis: Uint8Array.of(1, 0, 1, 8, 0, 255) })),
    of('rule-record-malformed-unit', B, edlEnd({ unit: 27n })),
    of('rule-logbook-changed', B, edlEnd({ logbook: Uint8Array.of(0, 8) })),
    of('rule-meter-status', B, edlEnd({ status: 0x09n })),
    of('rule-record-deviates-magnet', B, edlEnd({ status: 0x48n })),
    of('rule-time-informative', B, edlEnd({ status: 0n })),
    of('rule-implausible', B, edlEnd({ value: 5_200_001n })),
    ...fieldTwins({
      signed: E,
      fields: Object.entries(EDL_BLOCK).map(([name, { at, length }]) => ({
        name,
        at,
        length: name === 'contractId' ? CONTRACT_BYTES : length,
      })),
      question: (block) => asked(emhValue(B), emhValue(block, edlSignature(E, SIGNER).subarray(0, 48))),
    }),
  ],
}

const withKey = (publicKey: string): Fields => ({ meterInfo: { publicKey, meterId: octets(B, EDL_BLOCK.serverId) } })

/** The container says which meter it was, and no value does. */
const meterSaidOnce = (): string => {
  const { meterInfo } = emhValue(B)
  const values = [B, E].map((block) => emhValue(block, undefined, { meterInfo: undefined }))
  return newContainer(values, { meterInfo })
}
