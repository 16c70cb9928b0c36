// Waiting in tests over real sockets: for something to hold, never for a time to pass.

/** Resolves once `holds` does; fails with what was awaited when it does not within `ms` milliseconds. */
export const until = async (holds: () => unknown, what: string, ms = 10_000): Promise<void> => {
  const deadline = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
