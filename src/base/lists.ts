// Lists that are of one kind whenever they are made. What `map`, `filter` and a spread answer is of another kind inside of V8 once they
// are compiled, and whoever reads such a list is compiled again for it: dear where many readers see what every record brings.

/** `list.map(of)`. */
export const mapped = <T, U>(list: readonly T[], of: (item: T, index: number) => U): U[] => {
  const made: U[] = []
  for (let i = 0; i < list.length; i++) made.push(of(list[i] as T, i))
  return made
}

/** `[...a, ...b]`. */
export const joined = <T>(a: readonly T[], b: readonly T[]): T[] => {
  const made: T[] = []
  for (const item of a) made.push(item)
  for (const item of b) made.push(item)
  return made
}
