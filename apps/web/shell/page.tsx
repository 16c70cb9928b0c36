// The frame of both pages: skip link, header with the way to the other page, language and colours, and the content.
import type { ComponentChildren } from 'preact'
import { render } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { LANGUAGES, type Language, type TextKey } from '../i18n.ts'
import { Choice } from './choice.tsx'
import { firstLanguage, firstTheme, paint, remember, SpeechContext, speechIn, THEMES, type Theme, useSpeech } from './language.ts'

type PageName = 'dashboard' | 'verifier'

const PAGES: readonly { name: PageName; href: string }[] = [
  { name: 'dashboard', href: './' },
  { name: 'verifier', href: './verify' },
]

/** Draws a page into the document's body. */
export const show = (name: PageName, content: ComponentChildren): void => {
  paint(firstTheme())
  render(<Page name={name}>{content}</Page>, document.body)
}

const Page = ({ name, children }: { name: PageName; children: ComponentChildren }) => {
  const [language, setLanguage] = useState(firstLanguage)
  const speech = useMemo(() => speechIn(language), [language])
  useEffect(() => {
    document.documentElement.lang = language
    document.title = `Chargeproof · ${speech.t(name)}`
  }, [language, name, speech])
  const choose = (next: Language) => {
    remember('language', next)
    setLanguage(next)
  }
  return (
    <SpeechContext.Provider value={speech}>
      <a class="skip" href="#content">
        {speech.t('skip')}
      </a>
      <Header name={name} language={language} onLanguage={choose} />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </SpeechContext.Provider>
  )
}

interface HeaderProps {
  readonly name: PageName
  readonly language: Language
  readonly onLanguage: (language: Language) => void
}

const Header = ({ name, language, onLanguage }: HeaderProps) => {
  const { t } = useSpeech()
  const [theme, setTheme] = useState(firstTheme)
  const chooseTheme = (next: Theme) => {
    remember('theme', next)
    paint(next)
    setTheme(next)
  }
  const languages = Object.entries(LANGUAGES).map(([tag, { name: text }]) => ({ value: tag, text, lang: tag }))
  const themes = THEMES.map((each) => ({ value: each, text: t(`theme-${each}` satisfies TextKey) }))
  return (
    <header class="bar">
      <Brand />
      <nav aria-label={t('pages')}>
        {PAGES.map((page) => (
          <a key={page.name} href={page.href} aria-current={page.name === name ? 'page' : undefined}>
            {t(page.name)}
          </a>
        ))}
      </nav>
      <div class="choices">
        <Choice label={t('language')} options={languages} value={language} onChoice={(tag) => onLanguage(tag as Language)} />
        <Choice label={t('theme')} options={themes} value={theme} onChoice={(next) => chooseTheme(next as Theme)} />
      </div>
    </header>
  )
}

const Brand = () => (
  <span class="brand">
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M17.5 5 9 17.5h5.5L13 27l9.5-13.5H16z" />
    </svg>
    Chargeproof
  </span>
)
