// A release counts when the manufacturer of those stations signed exactly this; every other way it does not.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import type { Json } from '../../../src/base/ports.ts'
import { isFileOf, judgeRelease, type Release, releaseMisfit } from '../../../src/roles/firmware/release.ts'
import { engine, manufacturer, RELEASE } from './support.ts'

const flawOf = (value: object, world: ReturnType<typeof manufacturer>) => {
  const judged = judgeRelease(value as Json, world)
  return judged.state === 'good' ? 'good' : judged.flaw
}

describe('a release', () => {
  it('is good when its manufacturer signed it', () => {
    const world = manufacturer()
    expect(judgeRelease(world.sign() as object as Json, world)).toMatchObject({ state: 'good', kid: world.kid })
  })

  it('is broken when any of its facts is another', () => {
    const world = manufacturer()
    const { release, signatures } = world.sign({ ...RELEASE, from: '1.0', rollback: false })
    const others: Partial<Release>[] = [
      { version: '2.4.1' },
      { model: 'AC-11' },
      { from: '0.9' },
      { rollback: true },
      { bytes: 1001 },
      { sha256: 'ac'.repeat(32) },
      { id: 'another' },
      { issued: 0 },
    ]
    for (const other of others) expect([other, flawOf({ release: { ...release, ...other }, signatures }, world)]).toEqual([other, 'broken'])
    expect(flawOf({ release: { ...release, vendor: 'Other' }, signatures }, world)).toBe('other-manufacturer')
  })

  it('is nothing without a signature, or with one of a key that is not for firmware, or of a stranger', () => {
    const world = manufacturer()
    expect(flawOf({ release: RELEASE, signatures: [] }, world)).toBe('unsigned')
    expect(flawOf(manufacturer().sign(), world)).toBe('unknown-key')
    const node = manufacturer(RELEASE.vendor, ['message'])
    expect(flawOf(node.sign(), node)).toBe('unknown-key')
    expect(flawOf({ release: RELEASE, signatures: [{ protected: 'x', signature: 'y' }] }, world)).toBe('broken')
  })

  it('does not count any more once the key is revoked', () => {
    const world = manufacturer()
    const signed = world.sign()
    world.trust.revoke(new Set([world.kid]))
    expect(flawOf(signed, world)).toBe('unknown-key')
  })

  it('says what is wrong with its form', () => {
    expect(releaseMisfit(RELEASE as object as Json)).toBeUndefined()
    const wrong: object[] = [
      { ...RELEASE, version: '' },
      { ...RELEASE, sha256: 'AB' },
      { ...RELEASE, bytes: -1 },
      { ...RELEASE, id: '../x' },
      { ...RELEASE, extra: 1 },
      { ...RELEASE, signature: 'only one' },
      {},
    ]
    for (const value of wrong) expect(releaseMisfit(value as Json)).toBeDefined()
  })

  it('knows its file', () => {
    const file = utf8('new firmware')
    const sha256 = 'd1e2d55d4a3e9a4ac6f2ed0ab6dc04dc3cdd7a4a7e5dcbbf6dd8f9fbfcf6c6d0'
    expect(isFileOf({ ...RELEASE, bytes: file.length, sha256 }, file, engine)).toBe(false)
    const right = Buffer.from(engine.digest('SHA-256', file)).toString('hex')
    expect(isFileOf({ ...RELEASE, bytes: file.length, sha256: right }, file, engine)).toBe(true)
    expect(isFileOf({ ...RELEASE, bytes: file.length + 1, sha256: right }, file, engine)).toBe(false)
  })
})
