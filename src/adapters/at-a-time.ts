// So many at a time, and the others in the order they came. It knows nothing of what they do.

/** Runs each work once fewer than `most` are under way; what it gives or throws is passed on. */
export const atATime = (most: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    // whoever ends hands its place on, so that nobody who comes between takes it
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
