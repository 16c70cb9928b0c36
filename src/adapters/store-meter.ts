// How a node's store fares: how long commits take until they are safe, how many failed, and what room there is.
import { statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Seconds. A good disk is done within a few milliseconds, a slow one in tens; above one second stations begin to notice. */
export const COMMIT_STEPS: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export class StoreMeter {
  /** Commits that took at most so long, by step; the last one counts all. */
  readonly commits: number[] = new Array(COMMIT_STEPS.length + 1).fill(0)
  /** Of all commits together, seconds. */
  seconds = 0
  failures = 0
  readonly #folder: string

  /** @param folder the store's own */
  constructor(folder: string) {
    this.#folder = folder
  }

  committed(seconds: number, isSafe: boolean): void {
    if (!isSafe) {
      this.failures++
      return
    }
    this.seconds += seconds
    for (const i of this.commits.keys())
      if (seconds <= (COMMIT_STEPS[i] ?? Number.POSITIVE_INFINITY)) this.commits[i] = (this.commits[i] ?? 0) + 1
  }

  /** What the store takes up and what is left for everybody, in bytes. */
  get room(): { used: number; free: number } {
    const size = (file: string): number => statSync(join(this.#folder, file), { throwIfNoEntry: false })?.size ?? 0
    const { bavail, bsize } = statfsSync(this.#folder)
    return { used: size('store.db') + size('store.db-wal'), free: bavail * bsize }
  }
}
