// What was computed last, kept by name: for pure functions that are asked the same again and again. Bounded, so that nobody can fill it.

/** @param size how many results are kept; the one not asked for longest goes first. What `compute` throws is not kept. */
export const latest = <Value>(size: number): ((name: string, compute: () => Value) => Value) => {
  const kept = new Map<string, { readonly value: Value }>()
  let newest: string | undefined
  return (name, compute) => {
    const known = kept.get(name)
    if (known !== undefined && name === newest) return known.value
    const entry = known ?? { value: compute() }
    // a Map keeps the order of insertion: the first is the one not asked for longest
    if (known !== undefined) kept.delete(name)
    kept.set(name, entry)
    newest = name
    if (kept.size > size) kept.delete(kept.keys().next().value ?? '')
    return entry.value
  }
}
