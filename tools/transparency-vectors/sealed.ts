// Seals texts as the SAFE sealing does with RSA, version 1: for tests of what opens them.
import { constants, generateKeyPairSync, type KeyObject, privateEncrypt } from 'node:crypto'
import { concat, hex, unhex, utf8 } from '../../src/base/bytes.ts'

export interface Sealer {
  /** SubjectPublicKeyInfo in hex. */
  readonly key: string
  /** `change` alters the blocks before they are sealed. */
  seal(text: string, change?: (blocks: Uint8Array[]) => Uint8Array[]): string
}

const COUNT = 0xffff_fffe

/** A key of its own each time: what is sealed is never stored. */
export const sealer = (modulusLength = 2048): Sealer => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  return {
    key: publicKey.export({ type: 'spki', format: 'der' }).toString('hex'),
    seal: (text, change = (blocks) => blocks) =>
      hex(transport(concat(...change(blocksOf(utf8(text), modulusLength / 8 - 1)).map((block) => sealed(block, privateKey))))),
  }
}

const word = (number: number): Uint8Array => Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)

/** The count goes over its end. */
const blocksOf = (text: Uint8Array, width: number): Uint8Array[] => {
  const room = width - 4
  const head = concat(unhex('3e7ab17c5afee410'), new Uint8Array(width - 16).fill(0x5a), word(COUNT), word(text.length))
  const rest = Array.from({ length: Math.floor(text.length / room) + 1 }, (_, index) => {
    const piece = text.subarray(room * index, room * (index + 1))
    return concat(word(COUNT + index + 1), piece, new Uint8Array(room - piece.length).fill(0xa5))
  })
  return [head, ...rest]
}

const sealed = (block: Uint8Array, key: KeyObject): Uint8Array =>
  new Uint8Array(privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, concat(Uint8Array.of(0), block)))

/** With the tags that programs write; the description has A0 to A2 for 60 to 62. */
const transport = (bytes: Uint8Array): Uint8Array => {
  const encryption = unhex('60323030060b2b0601040181aa74040301a00b06092a864886f70d010101a10f060d2b0601040181aa740101010100a203020100')
  const content = concat(unhex('060a2b0601040183d6770101020101'), encryption, unhex('6102300062023000'), tlv(0x04, bytes))
  return tlv(0x30, content)
}

const tlv = (tag: number, content: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(tag, 0x82, content.length >> 8, content.length & 0xff), content)
