// The golden vectors of EDL40 and EMOC telegrams and of signed meter values in XML: sessions, forms, and twins for every field and rule.
import { base64, concat, hex, unbase64 } from '../../src/base/bytes.ts'
import type { BlockField } from '../../src/metering/block.ts'
import { EDL_BLOCK, EMOC_BLOCK } from '../../src/metering/formats/edl/block.ts'
import { type Files, type FormatVectors, fieldTwins, type VectorCase } from './case.ts'
import {
  edlBlock,
  edlEnd,
  edlSignature,
  edlTelegram,
  emocBlock,
  emocEnd,
  keyHex,
  METER,
  P192,
  P256,
  signedMeterValue,
} from './edl-maker.ts'
import { pemOf, safeXml } from './maker.ts'
import { vectorSigner } from './signer.ts'

const STRANGER = vectorSigner('secp192r1', 'stranger')
const [B, E] = [edlBlock(), edlEnd()]
const LATER = { contractTime: 1_772_438_390n, time: 1_772_438_400n, pagination: 30n, value: 205_000n }
const LATER_END = { contractTime: 1_772_438_390n, time: 1_772_442_000n, pagination: 31n, value: 210_000n }

/** SAFE XML of telegrams as hexadecimal text, each with the key beside it. */
const telegrams = (signer: typeof P192, ...blocks: readonly Uint8Array[]): Files => ({
  'session.xml': safeXml(
    blocks.map((block) => ({ data: hex(edlTelegram(block, edlSignature(block, signer))), format: 'SML_EDL40_P', key: keyHex(signer) })),
  ),
})

const twins = (table: Readonly<Record<string, BlockField>>, end: Uint8Array, question: (altered: Uint8Array) => Files): VectorCase[] =>
  fieldTwins({ signed: end, fields: Object.entries(table).map(([name, { at, length }]) => ({ name, at, length })), question })

/** Rules are about blocks; how a block is carried is the caller's. */
const rules = (carry: (...blocks: readonly Uint8Array[]) => Files): VectorCase[] => {
  const rule = (name: string, ...blocks: readonly Uint8Array[]): VectorCase => ({ name: `rule-${name}`, question: carry(...blocks) })
  return [
    rule('one-reading-alone', B),
    rule('duplicate-record', B, B),
    rule('duplicate-number', B, edlEnd({ pagination: 20n })),
    rule('time-backwards', B, edlEnd({ time: 1_772_351_999n })),
    rule('energy-decreasing', B, edlEnd({ value: 99_999n })),
    rule('source-meter', B, edlEnd({ serverId: Uint8Array.of(9, 9) })),
    rule('source-user', B, edlEnd({ contractId: Uint8Array.of(0x41) })),
    rule('source-register', B, edlEnd({ obis: Uint8Array.of(1, 0, 1, 8, 0, 255) })),
    rule('source-unit', B, edlEnd({ unit: 27n })),
    rule('contract-time', B, edlEnd({ contractTime: 1_772_355_000n })),
    rule('meter-status', B, edlEnd({ status: 0x09n })),
    rule('magnetic-field', B, edlEnd({ status: 0x48n })),
    rule('time-informative', B, edlEnd({ status: 0n })),
    rule('logbook-changed', B, edlEnd({ logbook: Uint8Array.of(0, 8) })),
    rule('implausible', B, edlEnd({ value: 5_200_001n })),
    rule('scaler-of-no-meter', B, edlEnd({ scaler: 100n })),
    rule('halves-of-two-sessions', B, edlBlock(LATER_END)),
    rule('gap-without-a-contract', edlBlock({ contractTime: 0n }), edlEnd({ contractTime: 0n, pagination: 25n })),
  ]
}

const sessions = (carry: (...blocks: readonly Uint8Array[]) => Files): VectorCase[] => [
  { name: 'session', question: carry(B, E) },
  { name: 'session-out-of-order', question: carry(E, B) },
  {
    name: 'session-between',
    question: carry(B, edlBlock({ pagination: 21n, time: 1_772_353_800n, value: 150_000n }), edlEnd({ pagination: 25n })),
  },
  { name: 'session-several', question: carry(B, E, edlBlock(LATER), edlBlock(LATER_END)) },
  { name: 'session-without-a-contract', question: carry(edlBlock({ contractTime: 0n }), edlEnd({ contractTime: 0n })) },
  { name: 'session-scalers-differ', question: carry(B, edlEnd({ scaler: 0n, value: 20_500n })) },
  { name: 'session-large-value', question: carry(edlBlock({ value: 9_007_199_254_740_993n }), edlEnd({ value: 9_007_199_254_740_994n })) },
]

export const edl40Vectors: FormatVectors = {
  format: 'edl40',
  cases: () => [
    ...sessions((...blocks) => telegrams(P192, ...blocks)),
    ...forms(),
    ...rules((...blocks) => telegrams(P192, ...blocks)),
    ...twins(EDL_BLOCK, E, (altered) => carried(altered, moved(E, altered))),
  ],
}

/** The signature of one block with the logbook of another behind it, which is where a telegram has it. */
const moved = (signed: Uint8Array, altered: Uint8Array, signer = P192): Uint8Array =>
  concat(edlSignature(signed, signer).slice(0, -2), altered.subarray(39, 41))

const carried = (block: Uint8Array, signature: Uint8Array, key = keyHex()): Files => ({
  'session.xml': safeXml([
    { data: hex(edlTelegram(B, edlSignature(B))), format: 'SML_EDL40_P', key },
    { data: hex(edlTelegram(block, signature)), format: 'SML_EDL40_P', key },
  ]),
})

const forms = (): VectorCase[] => {
  const [first, last] = [B, E].map((block) => edlTelegram(block, edlSignature(block)))
  const key = { 'publicKey.pem': pemOf(P192) }
  // what is signed stays the same
  const offset = (name: string, minutes: number, block = E): VectorCase => ({
    name,
    question: { 'begin.sml': first ?? '', 'end.sml': edlTelegram(block, edlSignature(block), minutes), ...key },
  })
  // the clock went back by an hour, the seconds of the meter went on
  const winter = edlEnd({ time: 1_772_352_600n, secondIndex: 5200n })
  const damaged = (bytes: Uint8Array | undefined, at: number): Uint8Array =>
    Uint8Array.from(bytes ?? [], (byte, i) => (i === at ? byte ^ 1 : byte))
  const form = (name: string, question: Files): VectorCase => ({ name: `form-${name}`, question })
  const end = (last ?? new Uint8Array()).length
  return [
    offset('session-over-the-end-of-a-season', 0, winter),
    offset('offset-that-no-clock-followed-tampered', 0),
    offset('offset-of-another-place-tampered', -600),
    form('binary', { 'begin.sml': first ?? '', 'end.sml': last ?? '', ...key }),
    form('two-in-one-file', { 'both.sml': concat(first ?? B, last ?? E), ...key }),
    form('three-in-one-file-one-broken', { 'all.sml': concat(first ?? B, (last ?? E).subarray(0, 100), last ?? E), ...key }),
    form('hexadecimal-text', {
      'begin.txt': `${hex(first ?? B).replace(/../g, '$& ')}\n`,
      'end.txt': hex(last ?? E).toUpperCase(),
      ...key,
    }),
    form('base64', {
      'session.xml': safeXml([B, E].map((block) => ({ data: base64(edlTelegram(block, edlSignature(block))), key: keyHex() }))),
    }),
    form('checksum-wrong', { 'begin.sml': first ?? '', 'end.sml': damaged(last, end - 1), ...key }),
    form('cut-off', { 'begin.sml': first ?? '', 'end.sml': (last ?? E).slice(0, 200), ...key }),
    form('something-behind', { 'begin.sml': first ?? '', 'end.sml': concat(last ?? E, Uint8Array.of(0)), ...key }),
    form('without-the-logbook', {
      'session.xml': safeXml(
        [edlBlock({ logbook: 0n }), edlEnd({ logbook: 0n })].map((block) => ({
          data: hex(edlTelegram(block, P192.sign('SHA-256', block))),
          key: keyHex(),
        })),
      ),
    }),
    form('signature-absent', carried(E, new Uint8Array())),
    form('signature-too-short', carried(E, edlSignature(E).subarray(0, 47))),
    form('signature-of-another', carried(E, edlSignature(B))),
    form('key-of-another', carried(E, edlSignature(E), keyHex(STRANGER))),
    { name: 'form-key-pinned', question: telegrams(P192, B, E), trust: { [`${METER}.pem`]: pemOf(P192) } },
    { name: 'form-key-mismatch', question: telegrams(P192, B, E), trust: { [`${METER}.pem`]: pemOf(STRANGER) } },
  ]
}

export const emocVectors: FormatVectors = {
  format: 'emoc',
  cases: () => {
    const [begin, end] = [emocBlock(), emocEnd()]
    const case_ = (name: string, ...blocks: readonly Uint8Array[]): VectorCase => ({ name, question: telegrams(P256, ...blocks) })
    const next = emocBlock({ pagination: 22n, time: 1_772_438_400n, value: 205_000n, contractTime: 1_772_438_390n })
    const nextEnd = emocEnd({ pagination: 23n, time: 1_772_442_000n, value: 210_000n, contractTime: 1_772_441_990n })
    return [
      case_('session', begin, end),
      case_('session-several', begin, end, next, nextEnd),
      case_('rule-one-reading-alone', begin),
      case_('rule-halves-of-two-sessions', begin, nextEnd),
      case_('rule-duplicate-record', begin, begin, end),
      case_('rule-energy-decreasing', begin, emocEnd({ value: 99_999n })),
      case_('rule-source-user', begin, emocEnd({ contractId: Uint8Array.of(2, 0x41, 0x42) })),
      case_('rule-logbook-changed', begin, emocEnd({ logbook: Uint8Array.of(0, 8) })),
      case_('rule-meter-status', begin, emocEnd({ status: 0x09n })),
      ...twins(EMOC_BLOCK, end, (altered) => ({
        'session.xml': safeXml([
          { data: hex(edlTelegram(begin, edlSignature(begin, P256))), key: keyHex(P256) },
          { data: hex(edlTelegram(altered, moved(end, altered, P256))), key: keyHex(P256) },
        ]),
      })),
    ]
  },
}

export const edl40SigVectors: FormatVectors = {
  format: 'edl40-sig',
  cases: () => {
    const values = (...blocks: readonly Uint8Array[]): Files => ({
      'session.xml': `<signedMeterValues>\n${blocks.map((block) => signedMeterValue(block, edlSignature(block))).join('')}</signedMeterValues>\n`,
    })
    const emoc = [emocBlock(), emocEnd()].map((block) => ({
      data: `<?xml version="1.0"?>\n${signedMeterValue(block, edlSignature(block, P256), P256)}`,
    }))
    const altered = (name: string, change: (xml: string) => string): VectorCase => ({
      name: `form-${name}`,
      question: { 'begin.xml': signedMeterValue(B, edlSignature(B)), 'end.xml': change(signedMeterValue(E, edlSignature(E))) },
    })
    return [
      ...sessions(values),
      { name: 'session-emoc-in-safe-xml', question: { 'session.xml': safeXml(emoc) } },
      altered('one-file-each', (xml) => xml),
      altered('method-of-another-length', (xml) => xml.replace('ECDSA192', 'ECDSA256')),
      altered('method-spelled-otherwise', (xml) => xml.replace('ECDSA192SHA256', 'ecdsa-secp192r1-sha256').replace('>EDL<', '>EDL40<')),
      altered('method-unknown', (xml) => xml.replace('ECDSA192SHA256', 'Eichrecht')),
      altered('in-hex', (xml) => xml.replace(/encoding="base64">([^<]*)/g, (_, text: string) => `>${hex(unbase64(text))}`)),
      altered('encoding-unknown', (xml) => xml.replace('>EDL<', '>OCMF<')),
      altered('logbook-behind-altered', (xml) =>
        xml.replace(base64(edlSignature(E)), base64(concat(edlSignature(E).subarray(0, 48), Uint8Array.of(0, 9)))),
      ),
      altered('signature-absent', (xml) => xml.replace(/<meterValueSignature.*\n/, '')),
      altered('block-too-short', (xml) => xml.replace(base64(E), base64(E.subarray(0, 319)))),
      altered('block-not-base64', (xml) => xml.replace('<encodedMeterValue encoding="base64">', '<encodedMeterValue encoding="base64">?')),
      ...rules(values),
      ...twins(EDL_BLOCK, E, (block) => ({
        'session.xml': `<signedMeterValues>${signedMeterValue(B, edlSignature(B))}${signedMeterValue(block, edlSignature(E))}</signedMeterValues>`,
      })),
    ]
  },
}
