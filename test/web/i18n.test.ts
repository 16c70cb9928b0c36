import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseLanguage, fill, LANGUAGES, TEXTS, type TextKey, translator } from '../../apps/web/i18n.ts'
import { COMMON } from '../../apps/web/texts/common.ts'
import { DASHBOARD } from '../../apps/web/texts/dashboard.ts'
import { STREAMS } from '../../apps/web/texts/streams.ts'
import { TRUST } from '../../apps/web/texts/trust.ts'
import { VERIFIER } from '../../apps/web/texts/verifier.ts'

const keys = Object.keys(TEXTS) as TextKey[]
const languages = Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort()

describe('texts', () => {
  it.each(keys)('%s says something in every language, with the same values', (key) => {
    for (const language of languages) {
      expect(TEXTS[key][language].trim()).not.toBe('')
      expect(placeholders(TEXTS[key][language])).toEqual(placeholders(TEXTS[key].en))
    }
  })

  it('have one place each', () => {
    expect(keys).toHaveLength([COMMON, DASHBOARD, STREAMS, TRUST, VERIFIER].reduce((sum, table) => sum + Object.keys(table).length, 0))
  })

  it('are all shown somewhere', () => {
    const web = join(import.meta.dirname, '../../apps/web')
    const files = ['shell', 'dashboard', 'verifier'].flatMap((folder) =>
      readdirSync(join(web, folder)).map((name) => join(web, folder, name)),
    )
    const source = files.map((file) => readFileSync(file, 'utf8')).join('\n')
    // `type-${…}` and the like name a family of keys
    const families = [...source.matchAll(/`([a-z]+-)\$\{/g)].map(([, prefix]) => prefix ?? '')
    const unused = keys.filter((key) => !source.includes(`'${key}'`) && !families.some((prefix) => key.startsWith(prefix)))
    expect(unused).toEqual([])
  })

  it('fill in values, and leave a name without one', () => {
    expect(translator('de')('queued', { count: 3 })).toBe('3 warten')
    expect(fill('{a} {b}', { a: '$&' })).toBe('$& {b}')
  })
})

describe('the language', () => {
  it('is the stored one, else the first known of the browser, else English', () => {
    expect(chooseLanguage('en', ['de-AT'])).toBe('en')
    expect(chooseLanguage(null, ['fr', 'de-AT', 'en'])).toBe('de')
    expect(chooseLanguage('toString', ['fr'])).toBe('en')
  })
})
