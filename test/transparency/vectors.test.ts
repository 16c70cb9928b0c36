// The stored vectors are what the script makes today, and both engines agree about every one of them.
import { describe, expect, it } from 'vitest'
import { portableEngine } from '../../src/crypto/portable.ts'
import { CONTAINER_VECTORS, FORMAT_VECTORS, vectorCases } from '../../tools/transparency-vectors/registry.ts'
import { verdictOf } from '../../tools/transparency-vectors.ts'
import { allVectors, differences } from '../../tools/vectors.ts'
import { remembering } from '../support/remembering-engine.ts'
import { ENGINE } from './support.ts'

describe('golden vectors', () => {
  it('are as stored', async () => {
    expect(differences(await allVectors())).toEqual([])
  })

  // vectors share most of their records
  const [own, portable] = [remembering(ENGINE), remembering(portableEngine())]
  const cases = vectorCases()
  const known = new Map(cases.map((vector) => [vector.name, verdictOf(vector, own)]))

  it.each(cases)('$name: both engines agree', async (vector) => {
    expect(await verdictOf(vector, portable)).toEqual(await known.get(vector.name))
  })

  const verdicts = (prefix: RegExp): Promise<string[]> =>
    Promise.all([...known].filter(([name]) => prefix.test(name)).map(async ([, verdict]) => (await verdict).verdict))

  it('know no altered field that is valid', async () => {
    const found = await verdicts(/\/field-|-tampered$/)
    expect(found.length).toBeGreaterThan(40)
    // an altered name of the station leaves it without its key: unproven
    expect(found.filter((verdict) => verdict !== 'invalid' && verdict !== 'unproven')).toEqual([])
  })

  it.each(FORMAT_VECTORS)('of $format have a valid record and a twin for every signed field', async ({ format }) => {
    expect(await verdicts(new RegExp(`^${format}/`))).toContain('valid')
    const twins = cases.filter(({ name }) => name.startsWith(`${format}/field-`))
    expect(twins.length).toBeGreaterThan(5)
  })

  it.each(CONTAINER_VECTORS)('of $container have a valid session and a tampered one', async ({ container }) => {
    expect(await verdicts(new RegExp(`^${container}/session`))).toContain('valid')
    expect((await verdicts(new RegExp(`^${container}/.*-tampered$`))).length).toBeGreaterThan(1)
  })

  it('of a live link are a link whatever is in it', async () => {
    for (const [name, verdict] of known) {
      if (name.startsWith('livelink/'))
        expect((await verdict).inputs).toContainEqual(expect.objectContaining({ kind: 'link', format: 'livelink' }))
    }
  })

  it('know every algorithm', async () => {
    expect(await verdicts(/^ocmf\/algorithm-.*(?<!-tampered)$/)).toEqual(Array(16).fill('valid'))
  })
})
