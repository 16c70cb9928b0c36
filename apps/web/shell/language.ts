// The reader's language and colours, kept in this browser's localStorage and nowhere else.
import { createContext } from 'preact'
import { useContext, useRef, useState } from 'preact/hooks'
import { chooseLanguage, LANGUAGES, type Language, type Speech, speechIn } from '../i18n.ts'

/** Every page gives one before it draws anything. */
export const SpeechContext = createContext<Speech | undefined>(undefined)
export const useSpeech = (): Speech => {
  const speech = useContext(SpeechContext)
  if (speech === undefined) throw new Error('expected a page around it that gives a language')
  return speech
}

/** What a reader gets at first: the language that `chooseLanguage` names or, where its file cannot be had, the first that can. */
export const firstSpeech = async (): Promise<Speech> => {
  const wanted = chooseLanguage(remembered('language'), navigator.languages)
  const tags = [wanted, ...(Object.keys(LANGUAGES) as Language[]).filter((tag) => tag !== wanted)]
  for (const tag of tags) {
    const speech = await speechIn(tag).catch(() => undefined)
    if (speech !== undefined) return speech
  }
  throw new Error('expected the text of the page in some language')
}

interface Speaking {
  readonly speech: Speech
  /** The language that was chosen last and cannot be had. */
  readonly missing: Language | undefined
  choose(tag: Language): Promise<void>
}

/** The language that is spoken, until another was chosen and is there. */
export const useSpeaking = (first: Speech): Speaking => {
  const [speech, setSpeech] = useState(first)
  const [missing, setMissing] = useState<Language | undefined>(undefined)
  const last = useRef(first.language)
  const choose = async (tag: Language) => {
    last.current = tag
    const next = await speechIn(tag).catch(() => undefined)
    // one that was asked for meanwhile counts, not the one that came last
    if (last.current !== tag) return
    setMissing(next === undefined ? tag : undefined)
    if (next === undefined) return
    remember('language', tag)
    setSpeech(next)
  }
  return { speech, missing, choose }
}

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

export const firstTheme = (): Theme => THEMES.find((theme) => theme === remembered('theme')) ?? 'auto'

/** Pico's own switch: no attribute follows the system. */
export const paint = (theme: Theme): void => {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
