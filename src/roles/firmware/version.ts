// Versions of firmware as manufacturers write them: numbers between dots, whatever stands around them. Which of two is newer, no more.

/** Below 0 where `a` is older than `b`, 0 where they are the same, above 0 where it is newer. `1.10` is newer than `1.9`, and than `1.10-rc1`. */
export const compareVersions = (a: string, b: string): number => {
  const [one, other] = [read(a), read(b)]
  return inOrder(one.parts, other.parts) || Number(other.isPreview) - Number(one.isPreview) || inOrder(one.preview, other.preview)
}

interface Read {
  readonly parts: readonly Part[]
  readonly isPreview: boolean
  readonly preview: readonly Part[]
}
type Part = bigint | string

/** semver.org §11: what follows the first hyphen makes it a preview of the version before it; a leading v and what follows + say nothing. */
const read = (text: string): Read => {
  const [bare = ''] = text
    .trim()
    .replace(/^v(?=\d)/i, '')
    .split('+')
  const hyphen = bare.indexOf('-')
  const parts = (piece: string): Part[] => (piece.match(/\d+|[^\d.\s_]+/g) ?? []).map((part) => (/^\d/.test(part) ? BigInt(part) : part))
  if (hyphen < 0) return { parts: parts(bare), isPreview: false, preview: [] }
  return { parts: parts(bare.slice(0, hyphen)), isPreview: true, preview: parts(bare.slice(hyphen + 1)) }
}

const inOrder = (a: readonly Part[], b: readonly Part[]): number => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = comparePart(a[i], b[i])
    if (order !== 0) return order
  }
  return 0
}

/** What is missing counts as 0, so that 1.2 is 1.2.0; a number stands below a word. */
const comparePart = (a: Part = 0n, b: Part = 0n): number => {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}
