// The reader's language and colours, kept in this browser's localStorage and nowhere else.
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Language as Notation } from '../../../src/transparency/index.ts'
import { chooseLanguage, LANGUAGES, type Language, type Say, sayer, type Translate, translator } from '../i18n.ts'

export interface Speech {
  /** Whose way of writing numbers and times, and whose words on paper. */
  readonly language: Notation
  readonly t: Translate
  readonly say: Say
}

export const speechIn = (language: Language): Speech => ({
  language: LANGUAGES[language].notation,
  t: translator(language),
  say: sayer(language),
})
export const SpeechContext = createContext<Speech>(speechIn('en'))
export const useSpeech = (): Speech => useContext(SpeechContext)

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** A browser may refuse storage altogether (private windows, strict settings); then a choice lasts as long as the page. */
const remembered = (key: string): string | null => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export const remember = (key: string, value: string): boolean => {
  try {
    localStorage.setItem(key, value)
    return true
  } catch {
    return false
  }
}

export const firstLanguage = (): Language => chooseLanguage(remembered('language'), navigator.languages)

export const firstTheme = (): Theme => THEMES.find((theme) => theme === remembered('theme')) ?? 'auto'

/** Pico's own switch: no attribute follows the system. */
export const paint = (theme: Theme): void => {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
