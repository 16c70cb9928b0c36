// docs/threats.md: what it says is shown somewhere must be there, and what the sources cite of it too.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const page = readFileSync('docs/threats.md', 'utf8')
const rows = [...page.matchAll(/^\| (T\d+) \| (.+) \|$/gm)].map((match) => {
  const cells = (match[2] ?? '').split(' | ')
  return { id: match[1] ?? '', state: cells[2], defence: cells[3] ?? '', shown: cells[4] ?? '' }
})
const paths = (text: string): string[] => [...text.matchAll(/`([^` ]+(?:\/|\.ts)[^` ]*)`/g)].map((match) => match[1] ?? '')

describe('docs/threats.md', () => {
  it('numbers its rows without a gap', () => {
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, i) => `T${i + 1}`))
    expect(rows.length).toBeGreaterThan(30)
  })

  it.each(rows)('$id is held or partly held and shown by tests that exist, or OPEN', ({ state, shown }) => {
    expect(['held', 'partly', 'OPEN']).toContain(state)
    const tests = paths(shown)
    expect(tests.length > 0).toBe(state !== 'OPEN')
    expect(tests.filter((path) => !path.startsWith('test/') || !existsSync(path))).toEqual([])
  })

  it.each(rows)('$id names files that exist', ({ defence }) => {
    const files = paths(defence).filter((path) => !path.includes('*'))
    expect(files.filter((path) => !existsSync(path.includes('/') ? path : `src/overlay/${path}`))).toEqual([])
  })

  it('has every row that a source file or a document points to', () => {
    const pointed = globSync('{src,apps,docs}/**/*.{ts,tsx,md}').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/docs\/threats\.md`? (T\d+)/g)].map((match) => match[1]),
    )
    expect(pointed).toContain('T3')
    expect(pointed.filter((id) => !rows.some((row) => row.id === id))).toEqual([])
  })
})
