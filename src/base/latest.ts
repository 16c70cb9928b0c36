// What was computed last, kept by name: for pure functions that are asked the same again and again. Bounded, so that nobody can fill it.

/**
 * @param size how many results are kept at most. Those asked for since the newer half was last full stay, and the others go; a hit
 * there writes nothing. What `compute` throws is not kept.
 */
export const latest = <Value>(size: number): ((name: string, compute: () => Value) => Value) => {
  let newer = new Map<string, { readonly value: Value }>()
  let older: typeof newer = new Map()
  return (name, compute) => {
    const known = newer.get(name)
    if (known !== undefined) return known.value
    const entry = older.get(name) ?? { value: compute() }
    if (newer.size >= size / 2) {
      older = newer
      newer = new Map()
    }
    newer.set(name, entry)
    return entry.value
  }
}

/** The same function, which computes once for each object, for as long as that lives. */
export const onceFor = <Key extends object, T>(make: (key: Key) => T): ((key: Key) => T) => {
  const known = new WeakMap<Key, { readonly made: T }>()
  return (key) => {
    const found = known.get(key) ?? { made: make(key) }
    known.set(key, found)
    return found.made
  }
}
