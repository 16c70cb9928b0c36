// A table of 256 numbers that no program packs, as the six lines that make it: bzip2's CRC-32, a kilobyte of every visit to the pages.
import type { Plugin } from 'vite'

export const shortTable = (): Plugin => ({
  name: 'chargeproof-short-table',
  transform: (code, id) => (/\/seek-bzip\/lib\/crc32\.js$/.test(id.replaceAll('\\', '/')) ? code.replace(TABLE, computed) : undefined),
})

const TABLE = /new Uint32Array\(\[([^\]]*)\]\)/

/** As it was where it is another table than the one that is made. */
const computed = (written: string, list: string): string => {
  const numbers = list.split(',').map(Number)
  const same = numbers.length === MADE.length && MADE.every((number, index) => number === numbers[index])
  return same ? `Uint32Array.from({ length: 256 }, ${entry})` : written
}

/** The remainder of a byte by 04C11DB7h, the highest bit first. */
const entry = (_: unknown, byte: number): number => {
  let rest = byte << 24
  for (let bit = 0; bit < 8; bit++) rest = rest < 0 ? (rest << 1) ^ 0x04c11db7 : rest << 1
  return rest >>> 0
}

const MADE = Uint32Array.from({ length: 256 }, entry)
