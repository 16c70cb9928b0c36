// docs/protocol.md against the vectors: an example that is in no vector would be one that nobody checks.
import { globSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'

const page = readFileSync('docs/protocol.md', 'utf8')
const examples = [...page.matchAll(/^```json\n(.*?)^```/gms)].map((match) => ({ text: match[1] ?? '', value: JSON.parse(match[1] ?? '') }))

/** Every value in the vectors; a text that is a frame counts as the array it holds. */
const values = (value: unknown): unknown[] => {
  if (typeof value === 'string') return value.startsWith('[') ? [value, parsed(value)] : [value]
  if (value === null || typeof value !== 'object') return [value]
  return [value, ...Object.values(value).flatMap(values)]
}
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the vectors hold texts that are refused for this very reason
  }
}
const vectors = globSync('vectors/overlay/*.json').flatMap((file) => values(JSON.parse(readFileSync(file, 'utf8'))))
const isVector = (value: unknown): boolean => vectors.some((vector) => isDeepStrictEqual(vector, value))

describe('docs/protocol.md', () => {
  it('has an example for frames, announcements, signatures, customData, autonomy and errors', () => {
    expect(examples.length).toBeGreaterThanOrEqual(8)
  })

  it.each(examples)('takes from the vectors: $text', ({ value }) => {
    expect(isVector(value)).toBe(true)
    expect(isVector(Array.isArray(value) ? [...value, 'x'] : { ...value, x: 1 })).toBe(false)
  })

  it('has every section that a source file points to', () => {
    const pointed = globSync('{src,apps,tools}/**/*.ts').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/docs\/protocol\.md §([0-9.]*[0-9])/g)].map((match) => match[1]),
    )
    expect(pointed.length).toBeGreaterThan(5)
    const headings = [...page.matchAll(/^#+ ([0-9.]*[0-9])\.? /gm)].map((match) => match[1])
    expect(pointed.filter((section) => !headings.includes(section))).toEqual([])
  })
})
