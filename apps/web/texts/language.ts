// The languages the pages speak, and the shape of a text.

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const satisfies Record<string, string>
export type Language = keyof typeof LANGUAGES

/** One text in every language; `{name}` stands for a value. */
export type Row = Readonly<Record<Language, string>>
