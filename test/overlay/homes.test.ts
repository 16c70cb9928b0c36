// Which nodes may have which stations: by id, by the beginning of ids, by the station's own entry; and what changes for nobody.
import { describe, expect, it } from 'vitest'
import { type HomeEntry, Homes } from '../../src/overlay/homes.ts'

const homesOf = (...entries: HomeEntry[]): Homes => {
  const homes = new Homes()
  for (const entry of entries) homes.add(entry)
  return homes
}

describe('homes', () => {
  it('are nobody’s business where nothing is listed', () => {
    const homes = homesOf({ node: 'lc1' })
    expect([homes.has('cs'), homes.allows('lc1', 'cs'), homes.allows('evil', 'cs')]).toEqual([false, true, true])
  })

  it('bind the station and the node that is listed', () => {
    const homes = homesOf({ node: 'lc1', stations: ['cs-1', 'site7-*'] }, { node: 'none', stations: [] })
    const allowed = (node: string) => ['cs-1', 'site7-', 'site7-a', 'site70', 'cs-2'].filter((id) => homes.allows(node, id))
    expect(allowed('lc1')).toEqual(['cs-1', 'site7-', 'site7-a'])
    expect(allowed('evil')).toEqual(['site70', 'cs-2'])
    expect(allowed('none')).toEqual([])
  })

  it('may be several, by the list of a node or by the entry of the station', () => {
    const homes = homesOf({ node: 'lc1', stations: ['cs-*'] }, { node: 'cs-1', homes: ['lc2'] }, { node: 'lc2', stations: ['x'] })
    expect(['lc1', 'lc2', 'lc3'].filter((node) => homes.allows(node, 'cs-1'))).toEqual(['lc1', 'lc2'])
    expect(['lc1', 'lc2', 'lc3'].filter((node) => homes.allows(node, 'cs-2'))).toEqual(['lc1'])
  })

  it('of every station: the star alone', () => {
    expect(['lc1', 'lc2'].map((node) => homesOf({ node: 'lc1', stations: ['*'] }).allows(node, 'any'))).toEqual([true, false])
  })
})
