// The frame of both pages: skip link, header with the way to the other page, language and colours, and the content.
import type { ComponentChildren } from 'preact'
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { LANGUAGES, type Language, type Speech, type TextKey } from '../i18n.ts'
import { Choice } from './choice.tsx'
import { firstSpeech, firstTheme, paint, remember, SpeechContext, THEMES, type Theme, useSpeaking, useSpeech } from './language.ts'
import { Mark } from './mark.tsx'

type PageName = 'dashboard' | 'verifier'

const PAGES: readonly { name: PageName; href: string }[] = [
  { name: 'dashboard', href: './' },
  { name: 'verifier', href: './verify' },
]

/** Draws a page into the document's body, as soon as the reader's language is there. */
export const show = async (name: PageName, content: ComponentChildren): Promise<void> => {
  paint(firstTheme())
  const first = await firstSpeech()
  render(
    <Page name={name} first={first}>
      {content}
    </Page>,
    document.body,
  )
}

interface PageProps {
  readonly name: PageName
  readonly first: Speech
  readonly children: ComponentChildren
}

const Page = ({ name, first, children }: PageProps) => {
  const { speech, missing, choose } = useSpeaking(first)
  useEffect(() => {
    document.documentElement.lang = speech.language
    document.title = `Chargeproof · ${speech.t(name)}`
  }, [name, speech])
  return (
    <SpeechContext.Provider value={speech}>
      <a class="skip" href="#content">
        {speech.t('skip')}
      </a>
      <Header name={name} onLanguage={choose} />
      <div role="status">
        {missing !== undefined && (
          <p class="notice">
            <Mark tone="bad" text={speech.t('language-missing', { language: LANGUAGES[missing].name })} />
          </p>
        )}
      </div>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </SpeechContext.Provider>
  )
}

interface HeaderProps {
  readonly name: PageName
  readonly onLanguage: (language: Language) => void
}

const Header = ({ name, onLanguage }: HeaderProps) => {
  const { t, language } = useSpeech()
  const [theme, setTheme] = useState(firstTheme)
  const chooseTheme = (next: Theme) => {
    remember('theme', next)
    paint(next)
    setTheme(next)
  }
  const languages = Object.entries(LANGUAGES).map(([value, { name: text }]) => ({ value, text, lang: value }))
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
        <Choice label={t('language')} options={languages} value={language} onChoice={(next) => onLanguage(next as Language)} />
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
