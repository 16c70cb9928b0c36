// Texts of strangers, which may be long in any place: parts that say nothing taken away, and pieces cut, in one look. A regular expression
// that ends with `+$`, or begins with `^\s*` on every line, looks again at each character of a long run.

/** Without the characters at both ends that are among these. */
export const stripped = (text: string, characters: string): string => {
  let [from, to] = [0, text.length]
  while (from < to && characters.includes(text.charAt(from))) from++
  while (to > from && characters.includes(text.charAt(to - 1))) to--
  return text.slice(from, to)
}

/** Without the lines that begin with `#`, as people write comments into files of keys. Their line ends stay. */
export const uncommented = (text: string): string => text.replace(/^[ \t]*#.*$/gm, '')

/**
 * What stands between two matches, in order, each cut when it is asked for: a text may hold millions.
 * @param between with the flag g; it may match nothing at a place where one piece ends and the next begins
 */
export function* pieces(text: string, between: RegExp): Generator<string> {
  let from = 0
  for (const { 0: found, index } of text.matchAll(between)) {
    yield text.slice(from, index)
    from = index + found.length
  }
  yield text.slice(from)
}
