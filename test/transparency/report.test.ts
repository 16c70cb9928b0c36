// The evidence of a record is made when somebody looks, and nobody can tell.
import { describe, expect, it } from 'vitest'
import { ocmfText, payload } from '../../tools/transparency-vectors/maker.ts'
import { askAbout } from './support.ts'

const record = async () => {
  const found = (await askAbout(ocmfText(payload()))).sessions[0]?.records[0]
  if (found === undefined) throw new Error('no record was found')
  return found
}

describe('evidence', () => {
  it('is a member like any other, of a plain object', async () => {
    const report = await record()
    expect(Object.getPrototypeOf(report)).toBe(Object.prototype)
    expect(Object.keys(report).at(-1)).toBe('evidence')
    expect(report.evidence?.signedBytes).toMatch(/^7b[0-9a-f]+7d$/)
    expect(report.evidence).toBe(report.evidence)
  })

  it('goes wherever the record is copied, and nothing else does', async () => {
    const report = await record()
    const written = JSON.stringify(report)
    for (const copy of [structuredClone(report), { ...report }, Object.assign({}, report), JSON.parse(written)]) {
      expect(JSON.stringify(copy)).toBe(written)
      expect(Object.getOwnPropertySymbols(copy)).toEqual([])
    }
  })

  it('is told by one getter for all records: V8 keeps what each getter closes over', async () => {
    const getters = [await record(), await record()].map((report) => Object.getOwnPropertyDescriptor(report, 'evidence')?.get)
    expect(getters[0]).toBeTypeOf('function')
    expect(getters[1]).toBe(getters[0])
  })
})
