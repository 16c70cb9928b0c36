// The golden vectors of ISA-EDL40 telegrams: START, UPDATE and STOP, each with the begin in it.
import { hex, unhex } from '../../src/base/bytes.ts'
import { type BlockField, blockNumber } from '../../src/metering/block.ts'
import { writeBlock } from '../../src/metering/formats/edl/block.ts'
import { ISA_BLOCK } from '../../src/metering/formats/isa-edl40.ts'
import { type Files, type FormatVectors, fieldTwins, type VectorCase } from './case.ts'
import { edlSignature } from './edl-maker.ts'
import { safeXml } from './maker.ts'
import { vectorSigner } from './signer.ts'
import { octets, placeTime, plainTime, signed, telegram, unsigned } from './sml.ts'

const SIGNER = vectorSigner('secp256r1', 'isa')
const LOGBOOK = Uint8Array.of(0, 7)
export const [START, UPDATE, STOP] = [0, 1, 2].map((kind) => Uint8Array.of(0x81, 0x80, 0x81, 0x62, kind, 0xff)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]

type Values = Partial<Record<keyof typeof ISA_BLOCK, bigint | Uint8Array>>

/** A STOP at 09:00 of a session from 08:00, 10 to 20.5 kWh. */
export const stopBlock = (over: Values = {}): Uint8Array =>
  writeBlock(ISA_BLOCK, {
    serverId: unhex('0901434850000000000B'),
    actualTime: 1_772_355_600n,
    actualStatus: 0x18n,
    actualObis: unhex('0100010800ff'),
    actualUnit: 30n,
    actualScaler: -1n,
    actualValue: 205_000n,
    logbook: LOGBOOK,
    actualSignature: new Uint8Array(66).fill(0x5a),
    contractId: unhex('4445414442454546'),
    startTime: 1_772_352_000n,
    esth: new Uint8Array(20).fill(0x81),
    startStatus: 0x18n,
    startObis: unhex('010001080080'),
    startUnit: 30n,
    startScaler: -1n,
    startValue: 100_000n,
    listName: STOP,
    pagination: 22n,
    ...over,
  })
const startBlock = (over: Values = {}): Uint8Array =>
  stopBlock({ listName: START, pagination: 20n, actualTime: 1_772_352_000n, actualValue: 100_000n, ...over })
const updateBlock = (over: Values = {}): Uint8Array =>
  stopBlock({ listName: UPDATE, pagination: 21n, actualTime: 1_772_353_800n, actualValue: 150_000n, ...over })

export const telegramOf = (block: Uint8Array, signature: Uint8Array): Uint8Array => {
  const number = (field: BlockField): bigint => blockNumber(block, { ...field, form: field.form === 'hex' ? 'unsigned' : field.form })
  const octetsOf = ({ at, length }: BlockField): Uint8Array => block.subarray(at, at + length)
  const contract = octetsOf(ISA_BLOCK.contractId)
  return telegram({
    serverId: octetsOf(ISA_BLOCK.serverId),
    listName: octetsOf(ISA_BLOCK.listName),
    sensorTime: placeTime(number(ISA_BLOCK.actualTime) - 3600n, 60, 0),
    entries: [
      { obis: '8182815401ff', value: octets(contract.subarray(0, contract.findLastIndex((byte) => byte !== 0) + 1)) },
      {
        obis: hex(octetsOf(ISA_BLOCK.startObis)),
        status: unsigned(number(ISA_BLOCK.startStatus), 8),
        time: plainTime(number(ISA_BLOCK.startTime)),
        unit: Number(number(ISA_BLOCK.startUnit)),
        scaler: signed(number(ISA_BLOCK.startScaler), 1),
        value: signed(number(ISA_BLOCK.startValue), 8),
      },
      { obis: '8180c7f040ff', value: unsigned(number(ISA_BLOCK.pagination), 4) },
      { obis: '8180816101ff', value: octets(octetsOf(ISA_BLOCK.esth)) },
      {
        obis: hex(octetsOf(ISA_BLOCK.actualObis)),
        status: unsigned(number(ISA_BLOCK.actualStatus), 8),
        time: plainTime(number(ISA_BLOCK.actualTime)),
        unit: Number(number(ISA_BLOCK.actualUnit)),
        scaler: signed(number(ISA_BLOCK.actualScaler), 1),
        value: signed(number(ISA_BLOCK.actualValue), 8),
        signature: octetsOf(ISA_BLOCK.actualSignature),
      },
    ],
    signature,
  })
}

/** The two bytes behind the signature are those of the logbook, which lie elsewhere in this block. */
const signatureOf = (block: Uint8Array, carried = block): Uint8Array => {
  const signature = edlSignature(block, SIGNER)
  signature.set(carried.subarray(31, 33), 64)
  return signature
}

const question = (...telegrams: readonly Uint8Array[]): Files => ({
  'session.xml': safeXml(telegrams.map((one) => ({ data: hex(one), format: 'ISA_EDL_40_P', key: hex(SIGNER.publicKey.point) }))),
})

const cutOff = (telegram: Uint8Array, index: number): Uint8Array => (index === 0 ? telegram.subarray(0, 100) : telegram)

const of = (name: string, ...blocks: readonly Uint8Array[]): VectorCase => ({
  name,
  question: question(...blocks.map((block) => telegramOf(block, signatureOf(block)))),
})

export const isaEdl40Vectors: FormatVectors = {
  format: 'isa-edl40',
  cases: () => {
    const stop = stopBlock()
    return [
      of('session-stop-alone', stop),
      of('session-start-and-stop', startBlock(), stop),
      of('session-all-three', stop, updateBlock(), startBlock()),
      of(
        'session-several',
        stop,
        stopBlock({ startTime: 1_772_438_400n, startValue: 205_000n, actualTime: 1_772_442_000n, actualValue: 210_000n, pagination: 24n }),
      ),
      // what cannot be read takes nothing that stands behind it along
      {
        name: 'session-behind-a-broken-telegram',
        question: question(...[startBlock(), stop].map((block, index) => cutOff(telegramOf(block, signatureOf(block)), index))),
      },
      of('rule-start-alone', startBlock()),
      of('rule-update-alone', updateBlock()),
      of('rule-duplicate-record', stop, stop),
      of('rule-end-duplicate', stop, stopBlock({ pagination: 23n, actualTime: 1_772_355_700n })),
      of('rule-begin-behind-the-end', startBlock({ pagination: 23n }), stop),
      of('rule-begin-behind-an-update', startBlock({ pagination: 22n }), updateBlock(), stopBlock({ pagination: 23n })),
      of('rule-energy-decreasing', stopBlock({ actualValue: 99_999n })),
      of('rule-energy-decreasing-between', startBlock(), updateBlock({ actualValue: 206_000n }), stop),
      of('rule-time-backwards', stopBlock({ actualTime: 1_772_351_999n })),
      of('rule-begin-differs', startBlock({ startValue: 100_001n, actualValue: 100_001n }), stop),
      of('rule-source-meter', startBlock(), stopBlock({ serverId: Uint8Array.of(9, 9) })),
      of('rule-source-user', startBlock(), stopBlock({ contractId: Uint8Array.of(0x41) })),
      of('rule-source-unit', stopBlock({ actualUnit: 27n })),
      of('rule-source-register', stopBlock({ actualObis: unhex('0100020800ff') })),
      of('rule-logbook-changed', startBlock(), stopBlock({ logbook: Uint8Array.of(0, 8) })),
      of('rule-implausible', stopBlock({ actualValue: 5_200_001n })),
      ...fieldTwins({
        signed: stop,
        fields: Object.entries(ISA_BLOCK).map(([name, { at, length }]) => ({ name, at, length })),
        question: (altered) => question(telegramOf(altered, signatureOf(stop, altered))),
      }),
    ]
  },
}
