// Keeps a command running until somebody wants it to end: Ctrl-C, SIGTERM, or the end of the shell that started it.

/** Stops at the latest this long after the wish. */
const LIMIT_MS = 4_500

/**
 * Call it before saying that anything is ready: whoever reads that may want the end at once.
 * Resolves never: ends the process with 0 once `stop` is done, with 1 if that takes too long.
 */
export const runUntilStopped = (stop: () => Promise<void>): Promise<never> => {
  let stopping = false
  const end = (): void => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), LIMIT_MS).unref()
    stop().then(
      () => process.exit(0),
      (error) => {
        console.error(`chargeproof: could not stop in order: ${error}`)
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  // npm passes SIGTERM to the shell between it and us, and that dies without telling: an orphan has nobody to serve
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && end(), 250).unref()
  return new Promise(() => undefined)
}
