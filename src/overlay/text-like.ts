// Patterns of text in which `*` stands for any text, the empty one too. Each piece is looked for once, from left to right: the cost
// is linear in the text, whatever stands in it.

/** Whether a text fits the pattern, which is taken apart once. */
export const textLike = (pattern: string): ((text: string) => boolean) => {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return (text) => text === first
  return (text) => {
    if (!text.startsWith(first)) return false
    let at = first.length
    for (const piece of rest) {
      const found = text.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return text.length - last.length >= at && text.endsWith(last)
  }
}
