// EDL40 meters and EMOCs: one block, told as a telegram, in XML, in a bill of Mennekes or in JSON of chargeIT.
import { hex, unhex, utf8 } from '../../../../src/base/bytes.ts'
import type { Signer } from '../../../../src/crypto/engine.ts'
import { emhValue } from '../../../../tools/transparency-vectors/chargeit-emh.ts'
import {
  type EdlValues,
  edlBlock,
  edlSignature,
  edlTelegram,
  emocBlock,
  keyHex,
  signedMeterValue,
} from '../../../../tools/transparency-vectors/edl-maker.ts'
import { present } from '../../../../tools/transparency-vectors/maker.ts'
import { process } from '../../../../tools/transparency-vectors/mennekes.ts'
import { digitOf, type Maker, type Said, type Signed, signerOf, type Written } from '../said.ts'

const PLACE = 3600

const idOf = (family: 'edl' | 'emoc', meter: Said['meter']): string =>
  `${family === 'edl' ? '0901434850' : '0901454D4F'}000000000${digitOf(meter)}`

/** Of what both sign. */
const values = (said: Said): EdlValues => ({
  serverId: unhex(idOf(said.family === 'emoc' ? 'emoc' : 'edl', said.meter)),
  time: BigInt(said.time + PLACE),
  status: said.healthy ? 0x08n : 0x09n,
  secondIndex: BigInt(said.time - 1_772_000_000),
  pagination: BigInt(said.number),
  value: BigInt(10 * said.wh),
  logbook: Uint8Array.of(0, said.log),
})

const edl = (said: Said): Uint8Array =>
  // the place of an EMOC's values is zero here
  edlBlock({ ...values(said), contractId: utf8(said.user), contractTime: BigInt(said.from.time + PLACE - 10) })

/** An EMOC says by the first byte of the contract where in the session it is. */
const emoc = (said: Said): Uint8Array =>
  emocBlock({
    ...values(said),
    contractId: Uint8Array.of(said.kind === 'end' ? 2 : 1, ...utf8(said.user)),
    contractTime: BigInt(said.time + PLACE - 10),
  })

interface Made {
  readonly block: Uint8Array
  readonly signature: Uint8Array
  /** Whose key is told. */
  readonly told: Signer | undefined
}

const made = (write: (said: Said) => Uint8Array, curve: Maker['curve'], { said, signs, signer, embedded }: Signed): Made => {
  const [block, signed] = [write(said), edlSignature(write(signs), signerOf(signer, curve))]
  // behind it are the two bytes of the logbook that is told
  signed.set(block.subarray(39, 41), signed.length - 2)
  return { block, signature: signed, told: embedded === undefined ? undefined : signerOf(embedded, curve) }
}

const telegram = ({ block, signature }: Made): Written => ({
  form: 'edl40',
  content: edlTelegram(block, signature),
  holdsKey: false,
  offset: true,
})

const inXml = ({ block, signature, told }: Made): Written => {
  const text = signedMeterValue(block, signature, told)
  return { form: 'values', content: told === undefined ? text.replace(/<publicKey.*\n/, '') : text, holdsKey: true, offset: false }
}

const inBill = ({ block, signature, told }: Made, kind: Said['kind']): Written => {
  const key = told === undefined ? '' : keyHex(told)
  const measured = { block, signature }
  return {
    form: 'processes',
    label: kind,
    content: kind === 'begin' ? process(measured, undefined, key) : process(undefined, measured, key),
    holdsKey: true,
    offset: true,
  }
}

const inJson = ({ block, signature, told }: Made): Written => {
  const meterId = hex(block.subarray(0, 10))
  const meterInfo = told === undefined ? { meterId } : { meterId, publicKey: keyHex(told) }
  return {
    form: 'json',
    content: JSON.stringify(present(emhValue(block, signature.subarray(0, 48), { meterInfo }))),
    holdsKey: true,
    offset: true,
  }
}

export const edlMaker: Maker = {
  curve: 'secp192r1',
  idOf: (meter) => idOf('edl', meter),
  lengthOf: (length) => Math.max(2, length),
  writers: [
    (signed) => telegram(made(edl, 'secp192r1', signed)),
    (signed) => inXml(made(edl, 'secp192r1', signed)),
    // a bill has a begin and an end, and nothing between
    (signed) => (signed.said.kind === 'between' ? telegram : (all: Made) => inBill(all, signed.said.kind))(made(edl, 'secp192r1', signed)),
    (signed) => inJson(made(edl, 'secp192r1', signed)),
  ],
}

export const emocMaker: Maker = {
  curve: 'secp256r1',
  idOf: (meter) => idOf('emoc', meter),
  lengthOf: () => 2,
  writers: [(signed) => telegram(made(emoc, 'secp256r1', signed)), (signed) => inXml(made(emoc, 'secp256r1', signed))],
}
