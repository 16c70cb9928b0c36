// What is written in lines of text: OCMF, Alfen's lines, and PCDF, which holds its key under the signature.
import { base32, concat, hex, utf8 } from '../../../../src/base/bytes.ts'
import { rawToDer } from '../../../../src/crypto/der.ts'
import { alfenBlock } from '../../../../tools/transparency-vectors/alfen.ts'
import { ocmfText, payload, present, reading } from '../../../../tools/transparency-vectors/maker.ts'
import { pcdfLine, pcdfText } from '../../../../tools/transparency-vectors/pcdf.ts'
import { digitOf, type Maker, type Said, type Signed, signerOf, type Written } from '../said.ts'

/** The wall clock of a place an hour to the east of UTC. */
const wall = (time: number): string => new Date(1000 * (time + 3600)).toISOString()

const kWh = (wh: number): string => `${Math.trunc(wh / 1000)}.${String(wh % 1000).padStart(3, '0')}`

const ocmfReading = ({ healthy }: Said, TX: string, { time, wh }: Said['from']) =>
  present(reading({ TX, RV: `#${kWh(wh)}`, TM: `${wall(time).slice(0, 19)},000+0100 S`, ST: healthy ? 'G' : 'T' }))

const ocmfFields = (said: Said) =>
  payload({
    PG: `T${said.number}`,
    MS: `M${digitOf(said.meter)}`,
    GS: `gw-${said.meter}`,
    ID: said.user,
    RD: [
      ...(said.kind === 'begin' || said.kind === 'whole' ? [ocmfReading(said, 'B', said.kind === 'whole' ? said.from : said)] : []),
      ...(said.kind === 'between' ? [ocmfReading(said, 'C', said)] : []),
      ...(said.kind === 'end' || said.kind === 'whole' ? [ocmfReading(said, 'E', said)] : []),
    ],
  })

const ocmf = ({ said, signs, signer }: Signed): Written => {
  const [told, signed] = [said, signs].map((each) => ocmfText(ocmfFields(each), { signer: signerOf(signer, 'secp256r1') }))
  const content = `${told?.slice(0, told.lastIndexOf('|'))}${signed?.slice(signed.lastIndexOf('|'))}`
  return { form: 'ocmf', content, holdsKey: false }
}

export const ocmfMaker: Maker = {
  curve: 'secp256r1',
  idOf: (meter) => `M${digitOf(meter)}`,
  lengthOf: (length) => length,
  writers: [ocmf],
}

const ALFEN_KINDS = { begin: 13n, between: 11n, end: 12n, whole: 12n } as const
const ALFEN_TYPES = { begin: 0, between: 2, end: 1, whole: 1 } as const

const block = (said: Said): Uint8Array =>
  alfenBlock({
    adapterId: `0a02000000000000000${digitOf(said.meter)}`,
    meterId: alfenMaker.idOf(said.meter),
    meterStatus: said.healthy ? 0n : 0b10n,
    adapterStatus: 1n << ALFEN_KINDS[said.kind],
    secondIndex: BigInt(said.time - 1_772_000_000),
    time: BigInt(said.time),
    value: BigInt(said.wh),
    userId: said.user,
    sessionId: BigInt(said.session + 1),
    paging: BigInt(said.number),
  })

const alfen = ({ said, signs, signer, embedded }: Signed): Written => {
  const point = embedded === undefined ? undefined : signerOf(embedded, 'secp192r1').publicKey.point
  const key = point === undefined ? '' : base32(concat(Uint8Array.of(2 + ((point[47] ?? 0) & 1)), point.subarray(0, 24)))
  const signature = signerOf(signer, 'secp192r1').sign('SHA-256', block(signs))
  return { form: 'alfen', content: `AP;${ALFEN_TYPES[said.kind]};3;${key};${base32(block(said))};${base32(signature)};`, holdsKey: true }
}

export const alfenMaker: Maker = {
  curve: 'secp192r1',
  idOf: (meter) => `0a01000000000000000${digitOf(meter)}`,
  lengthOf: (length) => Math.max(2, length),
  writers: [alfen],
}

/** YYMMDDhhmmss. */
const short = (time: number): string => wall(time).slice(2, 19).replace(/\D/g, '')

const text = (said: Said, signer: Signed['signer']): string =>
  pcdfText({
    ST: short(said.from.time),
    CT: short(said.time),
    BV: said.healthy ? '1' : '0',
    RV: `${kWh(Math.max(0, said.wh - said.from.wh)).padStart(8, '0')}*kWh`,
    SI: `${said.user}*1*tx-${said.session}`,
    HW: pcdfMaker.idOf(said.meter),
    PK: `04${hex(signerOf(signer, 'secp256r1').publicKey.point)}`,
  })

const pcdf = ({ said, signs, signer }: Signed): Written => {
  const signature = hex(rawToDer(signerOf(signer, 'secp256r1').sign('SHA-256', utf8(text(signs, signer)))))
  return { form: 'pcdf', content: pcdfLine(text(said, signer), signature), holdsKey: true }
}

export const pcdfMaker: Maker = {
  curve: 'secp256r1',
  idOf: (meter) => `CPV0000000${digitOf(meter)}`,
  lengthOf: () => 1,
  writers: [pcdf],
}
