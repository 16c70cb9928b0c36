// What is sealed by plain RSA with interleaved integrity padding, version 1 (S.A.F.E. e.V., SAFESealing): the record itself, in blocks that the
// private key made and the public key opens. docs/formats/safe-xml.md draws the blocks, and says what opening them does not prove.
import { concat, equal, hex, unhex } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import type { RsaPublicKey } from './engine.ts'
import { power } from './modular.ts'

/**
 * @param each called before each block, which may cost a millisecond
 * @throws Fault `record-malformed` where the seal does not open under this key
 */
export const revealed = (sealed: Uint8Array, { modulus, exponent }: RsaPublicKey, each: () => void): Uint8Array => {
  const width = modulus.length
  const [n, e] = [numberOf(modulus), numberOf(exponent)]
  const blocks: Uint8Array[] = []
  for (let at = 0; at < sealed.length; at += width) {
    each()
    const number = numberOf(sealed.subarray(at, at + width))
    const block = unhex(
      power(number, e, n)
        .toString(16)
        .padStart(2 * width, '0'),
    )
    // the byte in front keeps each block below the modulus
    if (at + width > sealed.length || number >= n || block[0] !== 0) throw closed()
    blocks.push(block.subarray(1))
  }
  return payloadOf(blocks)
}

const MAGIC = unhex('3e7ab17c5afee410')
/** Bytes of the number that is counted up from block to block, and of the length. */
const COUNT = 4

const payloadOf = ([head = new Uint8Array(MAGIC.length), ...blocks]: readonly Uint8Array[]): Uint8Array => {
  const [first, length] = [Number(numberOf(head.subarray(-2 * COUNT, -COUNT))), Number(numberOf(head.subarray(-COUNT)))]
  const room = head.length - COUNT
  const counted = blocks.every((block, index) => numberOf(block.subarray(0, COUNT)) === BigInt((first + index + 1) % 2 ** 32))
  // what is filled up is never nothing: where the record ends with a block, one more follows
  if (!equal(head.subarray(0, MAGIC.length), MAGIC) || !counted || blocks.length !== Math.floor(length / room) + 1) throw closed()
  return concat(...blocks.map((block) => block.subarray(COUNT))).subarray(0, length)
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x0${hex(bytes)}`)

const closed = (): Fault =>
  new Fault('record-malformed', 'the seal does not open under the key beside it: it was altered, or another key made it')
