// docs/operations.md against the program: every kind of journal entry, every link inside it. The metrics are compared where
// they are produced, in test/adapters/metrics.test.ts.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FAULTS } from '../../src/base/fault.ts'
import { JOURNAL_KINDS } from '../../src/overlay/journal.ts'

const page = readFileSync('docs/operations.md', 'utf8')
const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? ''
const firstCells = (text: string): (string | undefined)[] => [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1])

describe('docs/operations.md', () => {
  it('says of every kind of journal entry what to do, and of no other', () => {
    expect(firstCells(section('The journal')).toSorted()).toEqual(JOURNAL_KINDS.toSorted())
  })

  it('links to sections that exist', () => {
    const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    )
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1])
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter((link) => !anchors.includes(link ?? ''))).toEqual([])
  })

  it('names fault codes that exist', () => {
    const named = [...page.matchAll(/`((?:store|frame|payload|link|queue|key|config)-(?:failed|malformed|invalid|lost|full))`/g)].map(
      (match) => match[1],
    )
    expect(named.length).toBeGreaterThan(3)
    expect(named.filter((code) => !Object.hasOwn(FAULTS, code ?? ''))).toEqual([])
  })
})
