// A block as an EDL40 or EMOC meter signs it, and the telegram, XML or bill that carries it: what their vectors are made of.
import { base64, concat, hex, unhex } from '../../src/base/bytes.ts'
import { type BlockField, blockNumber } from '../../src/metering/block.ts'
import { EDL_BLOCK, EMOC_BLOCK, writeBlock } from '../../src/metering/formats/edl/block.ts'
import { vectorSigner } from './signer.ts'
import { octets, placeTime, secondIndexTime, signed, telegram, unsigned } from './sml.ts'

export const METER = '0901434850000000000A'
export const P192 = vectorSigner('secp192r1', 'edl40')
export const P256 = vectorSigner('secp256r1', 'emoc')
export const LOGBOOK = Uint8Array.of(0, 7)
/** Of the place where the meter hangs. */
const OFFSET = 60

export type EdlValues = Partial<Record<keyof typeof EMOC_BLOCK, bigint | Uint8Array>>

/** A begin at 08:00 with 10 kWh. */
export const edlBlock = (over: EdlValues = {}): Uint8Array =>
  writeBlock(EMOC_BLOCK, {
    serverId: unhex(METER),
    time: 1_772_352_000n,
    status: 0x08n,
    secondIndex: 1000n,
    pagination: 20n,
    obis: unhex('0100011100ff'),
    unit: 30n,
    scaler: -1n,
    value: 100_000n,
    logbook: LOGBOOK,
    contractId: unhex('4445414442454546'),
    contractTime: 1_772_351_990n,
    ...over,
  })

/** An hour and 10.5 kWh later. */
export const edlEnd = (over: EdlValues = {}): Uint8Array =>
  edlBlock({ time: 1_772_355_600n, secondIndex: 4600n, pagination: 21n, value: 205_000n, ...over })

/** What only an EMOC signs; its contract is set anew at the end, with another phase in front. */
export const emocBlock = (over: EdlValues = {}): Uint8Array =>
  edlBlock({ contractId: unhex('0144454144424545'), historicValue: 99_000n, compensatedValue: 99_000n, lineResistance: 1000n, ...over })
export const emocEnd = (over: EdlValues = {}): Uint8Array =>
  edlEnd({
    contractId: unhex('0244454144424545'),
    contractTime: 1_772_355_590n,
    historicValue: 203_900n,
    compensatedValue: 203_900n,
    lineResistance: 1000n,
    stopwatch: 3600n,
    price: 39n,
    ...over,
  })

/** r and s, and the two bytes of the logbook that is in the block. */
export const edlSignature = (block: Uint8Array, signer = P192): Uint8Array => concat(signer.sign('SHA-256', block), block.subarray(39, 41))

export const keyHex = (signer = P192): string => hex(signer.publicKey.point)

/** The telegram whose values make this block. */
export const edlTelegram = (block: Uint8Array, signature: Uint8Array, offset = OFFSET): Uint8Array => {
  const emoc = signature.length > 50
  const number = (field: BlockField): bigint => blockNumber(block, field)
  const octetsOf = ({ at, length }: BlockField): Uint8Array => block.subarray(at, at + length)
  const place = (field: BlockField): Uint8Array => placeTime(BigInt.asUintN(32, number(field) - BigInt(60 * offset)), offset, 0)
  const status = BigInt(block[14] ?? 0)
  const contract = octetsOf(EDL_BLOCK.contractId)
  const used = contract.subarray(0, contract.findLastIndex((byte) => byte !== 0) + 1)
  return telegram({
    serverId: octetsOf(EDL_BLOCK.serverId),
    sensorTime: secondIndexTime(number(EDL_BLOCK.secondIndex)),
    entries: [
      {
        obis: hex(octetsOf(EDL_BLOCK.obis)),
        status: unsigned(emoc ? emocStatus(status) : status, 4),
        time: place(EDL_BLOCK.time),
        unit: block[29] ?? 0,
        scaler: signed(number(EDL_BLOCK.scaler), 1),
        value: signed(number(EDL_BLOCK.value), 8),
      },
      { obis: '810060080001', value: secondIndexTime(number(EDL_BLOCK.secondIndex)) },
      { obis: '8180817101ff', value: unsigned(number(EDL_BLOCK.pagination), 4) },
      { obis: '8182815401ff', time: place(EDL_BLOCK.contractTime), value: octets(used) },
      ...(emoc ? emocEntries(number) : []),
    ],
    signature,
  })
}

const emocEntries = (number: (field: BlockField) => bigint) => [
  { obis: '010001110064', value: signed(number(EMOC_BLOCK.historicValue), 8) },
  { obis: '0100011100c8', value: signed(number(EMOC_BLOCK.compensatedValue), 8) },
  { obis: '00af6c6c72ff', value: unsigned(number(EMOC_BLOCK.lineResistance), 2) },
  { obis: '00af647572ff', value: unsigned(number(EMOC_BLOCK.stopwatch), 4) },
  { obis: '00af707263ff', value: unsigned(number({ ...EMOC_BLOCK.price, form: 'unsigned' }), 2) },
]

/** The other way round than the meter: from the signed byte to the bits of the telegram. */
const emocStatus = (byte: bigint): bigint =>
  [
    [0, 17],
    [3, 31],
    [4, 16],
    [5, 11],
    [6, 9],
    [7, 8],
  ].reduce((status, [from = 0, to = 0]) => status | (((byte >> BigInt(from)) & 1n) << BigInt(to)), 0n)

export const signedMeterValue = (block: Uint8Array, signature: Uint8Array, signer = P192): string =>
  `<signedMeterValue>
  <publicKey encoding="base64">${base64(signer.publicKey.point)}</publicKey>
  <meterValueSignature encoding="base64">${base64(signature)}</meterValueSignature>
  <signatureMethod>${signature.length > 50 ? 'ECDSA256SHA256' : 'ECDSA192SHA256'}</signatureMethod>
  <encodingMethod>EDL</encodingMethod>
  <encodedMeterValue encoding="base64">${base64(block)}</encodedMeterValue>
</signedMeterValue>
`
