// Text both pages share.
import type { Row } from './language.ts'

export const COMMON = {
  dashboard: { en: 'Dashboard', de: 'Übersicht' },
  verifier: { en: 'Verifier', de: 'Prüfer' },
  pages: { en: 'Pages', de: 'Seiten' },
  language: { en: 'Language', de: 'Sprache' },
  theme: { en: 'Colours', de: 'Farben' },
  'theme-auto': { en: 'As the system', de: 'Wie das System' },
  'theme-light': { en: 'Light', de: 'Hell' },
  'theme-dark': { en: 'Dark', de: 'Dunkel' },
  skip: { en: 'To the content', de: 'Zum Inhalt' },
  close: { en: 'Close', de: 'Schließen' },
  copy: { en: 'Copy', de: 'Kopieren' },
  copied: { en: 'Copied', de: 'Kopiert' },
  time: { en: 'Time', de: 'Zeit' },
  state: { en: 'State', de: 'Zustand' },
  signature: { en: 'Signature', de: 'Signatur' },
  energy: { en: 'Energy', de: 'Energie' },
} as const satisfies Record<string, Row>
