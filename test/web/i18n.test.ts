import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseLanguage, fill, LANGUAGES, speechIn, type TextKey } from '../../apps/web/i18n.ts'
import en from '../../apps/web/texts/en.json' with { type: 'json' }
import { gapsIn } from '../../apps/web/translation-gaps.ts'
import { VERDICT_WORDS } from '../../src/transparency/index.ts'

const web = join(import.meta.dirname, '../../apps/web')

describe('texts', () => {
  it.each(Object.entries(LANGUAGES))('are complete in %s', async (tag, { load }) => {
    expect(gapsIn(tag, (await load()).default)).toEqual([])
  })

  it('are one file for each language', () => {
    const files = readdirSync(join(web, 'texts')).map((name) => name.replace('.json', ''))
    expect(files.sort()).toEqual(Object.keys(LANGUAGES).sort())
  })

  it('of another language are told by what they lack: texts, sentences, values, and what is too much', () => {
    const whole = gapsIn('xx', en)
    expect(whole.length).toBeGreaterThan(60)
    expect(whole).toContain('sentences: "The meter values are genuine and the session is complete." is missing')
    expect(whole).toContain('texts: "offline-promise" is still the English')
    expect(whole).not.toContain('texts: "dashboard" is still the English')
    const { sessions: _, ...texts } = en.texts
    expect(gapsIn('en', { ...en, texts: { ...texts, close: ' ' } as typeof en.texts })).toEqual([
      expect.stringContaining('"close" is missing'),
      expect.stringContaining('"sessions" is missing'),
    ])
    expect(gapsIn('en', { ...en, texts: { ...en.texts, working: '{some} …' } })).toEqual([
      expect.stringContaining('"working" has other values'),
    ])
    expect(gapsIn('en', { ...en, sentences: { Hello: 'Salut' } })).toEqual(['sentences: nobody asks for "Hello"'])
  })

  it('are all shown somewhere', () => {
    const files = ['shell', 'dashboard', 'verifier', 'offline'].flatMap((folder) =>
      readdirSync(join(web, folder)).map((name) => join(web, folder, name)),
    )
    const source = files.map((file) => readFileSync(file, 'utf8')).join('\n')
    // `type-${…}` and the like name a family of keys
    const families = [...source.matchAll(/`([a-z]+-)\$\{/g)].map(([, prefix]) => prefix ?? '')
    const keys = Object.keys(en.texts) as TextKey[]
    const unused = keys.filter((key) => !source.includes(`'${key}'`) && !families.some((prefix) => key.startsWith(prefix)))
    expect(unused).toEqual([])
  })

  it('fill in values, and leave a name without one', async () => {
    const { t } = await speechIn('de')
    expect(t('queued', { count: 3 })).toBe('3 warten')
    expect(fill('{a} {b}', { a: '$&' })).toBe('$& {b}')
  })

  it('take the verifier’s sentences from the verifier', async () => {
    const [german, english] = await Promise.all([speechIn('de'), speechIn('en')])
    expect(german.say(VERDICT_WORDS, 'valid')).toBe('Gültig')
    expect(english.say(VERDICT_WORDS, 'a later one')).toBe('a later one')
  })
})

describe('the language', () => {
  it('is the stored one, else the first known of the browser, else English', () => {
    expect(chooseLanguage('en', ['de-AT'])).toBe('en')
    expect(chooseLanguage(null, ['tlh', 'de-AT', 'en'])).toBe('de')
    expect(chooseLanguage('toString', ['tlh'])).toBe('en')
  })
})
