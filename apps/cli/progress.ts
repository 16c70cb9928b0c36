// A bar on standard error for work that takes long, and only where people look at it.
import type { Io } from './ask.ts'

export interface Progress {
  /** One more of so many. */
  readonly step: (total: number) => void
  /** Takes the bar away. */
  readonly end: () => void
}

/** Shorter work needs no word; ms. */
const PATIENCE = 500
/** Between two pictures; ms. */
const PACE = 100
const WIDTH = 30

/** @param wanted whether there is anything to wait for without a sign of life */
export const progressOn = ({ progress, error }: Io, wanted: boolean, now: () => number = () => performance.now()): Progress => {
  if (progress !== true || !wanted) return { step: () => undefined, end: () => undefined }
  const begun = now()
  let drawn: number | undefined
  let done = 0
  return {
    step: (total) => {
      done++
      const time = now()
      if (time - begun < PATIENCE || (drawn !== undefined && time - drawn < PACE)) return
      drawn = time
      const filled = Math.floor((WIDTH * done) / total)
      error(`\r[${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${done}/${total}`)
    },
    end: () => {
      // ECMA-48 §8.3.41, EL: erases to the end of the line
      if (drawn !== undefined) error('\r\u001b[K')
      drawn = undefined
    },
  }
}
