// The table that the build makes shorter: the same checksum, and whatever else is read stays as it is written.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { shortTable } from '../../apps/web/short-table.ts'

const path = createRequire(import.meta.url).resolve('seek-bzip/lib/crc32.js')
const source = readFileSync(path, 'utf8')

const shortened = (code: string, id = path): unknown => {
  const { transform } = shortTable()
  if (typeof transform !== 'function') throw new Error('the plugin is another one')
  return Reflect.apply(transform, undefined, [code, id])
}

/** Over every byte once. */
const checksum = (code: string): unknown =>
  runInNewContext(`${code}; const crc = new module.exports(); for (let i = 0; i < 256; i++) crc.updateCRC(i); crc.getCRC()`, { module: {} })

describe('the table of bzip2', () => {
  it('is made of the same numbers', () => {
    const short = String(shortened(source))
    expect(short.length).toBeLessThan(source.length - 2000)
    expect(checksum(short)).toBe(checksum(source))
  })

  it('stays as it is written where it is another, and so does everything else', () => {
    const other = source.replace('0x04c11db7', '0x04c11db8')
    expect(other).not.toBe(source)
    expect(shortened(other)).toBe(other)
    expect(shortened(source, '/src/other.js')).toBeUndefined()
  })
})
