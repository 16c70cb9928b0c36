// Proves that docs/faults.md has a section for every code of src/base/fault.ts, that the section opens with the code's own
// sentence, and that it says what the code means, what to do and what goes over the wire.
export const checkFaultsDocumented = (faults: Readonly<Record<string, string>>, document: string): string[] => {
  const sections = new Map(
    document
      .split(/^### /m)
      .slice(1)
      .map((section) => [/^`([^`]+)`/.exec(section)?.[1] ?? '', section.slice(section.indexOf('\n') + 1).trim()]),
  )
  const missing = Object.entries(faults).flatMap(([code, sentence]) => sectionFaults(code, sentence, sections.get(code)))
  const left = [...sections.keys()].filter((code) => !(code in faults)).map((code) => `${code}: documented, but no such code exists`)
  return [...missing, ...left]
}

const PARTS = ['Means:', 'Do:', 'Wire:'] as const

const sectionFaults = (code: string, sentence: string, section: string | undefined): string[] => {
  if (section === undefined) return [`${code}: has no section "### \`${code}\`"`]
  const opening = section.slice(0, sentence.length + 1).toLowerCase()
  const wrong = opening === `${sentence.toLowerCase()}.` ? [] : [`${code}: does not open with "${sentence}."`]
  return [
    ...wrong,
    ...PARTS.filter((part) => !new RegExp(`^- ${part} \\S`, 'm').test(section)).map((part) => `${code}: has no line "- ${part}"`),
  ]
}
