// How fast something goes and how long it will still take, in one line: of bytes, on standard error, and only where people look.
import type { Io } from './ask.ts'

export interface RateLine {
  /** So many bytes of so many are there. */
  readonly at: (done: number, total: number) => void
  /** Takes the line away. */
  readonly end: () => void
}

/** Between two pictures; ms. */
const PACE = 200
/** The rate is that of the last while; ms. */
const WINDOW = 5_000

/** @param what is done with the bytes, such as `sending` */
export const rateLine = (
  { progress, error }: Pick<Io, 'progress' | 'error'>,
  what: string,
  now: () => number = () => performance.now(),
): RateLine => {
  if (progress !== true) return { at: () => undefined, end: () => undefined }
  const seen: { at: number; done: number }[] = []
  let drawn: number | undefined
  return {
    at: (done, total) => {
      const time = now()
      seen.push({ at: time, done })
      while (seen.length > 2 && time - (seen[0]?.at ?? 0) > WINDOW) seen.shift()
      if (drawn !== undefined && time - drawn < PACE && done < total) return
      drawn = time
      // ECMA-48 §8.3.41, EL: erases to the end of the line
      error(`\r${what} ${rateText({ done, total, perSecond: rateOf(seen) })}\u001b[K`)
    },
    end: () => {
      if (drawn !== undefined) error('\r\u001b[K')
      drawn = undefined
    },
  }
}

/** Such as `12.0 MiB of 1.0 GiB, 1 %, 3.2 MiB/s, 5 min 16 s left`. Without a rate nothing is said of time. */
export const rateText = ({ done, total, perSecond }: { done: number; total: number; perSecond: number }): string => {
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total)
  const way = [`${bytesText(done)} of ${bytesText(total)}`, `${percent} %`]
  if (perSecond <= 0) return way.join(', ')
  return [...way, `${bytesText(perSecond)}/s`, `${timeText(Math.ceil((total - done) / perSecond))} left`].join(', ')
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export const bytesText = (bytes: number): string => {
  let [value, unit] = [bytes, 0]
  while (value >= 1_024 && unit < UNITS.length - 1) {
    value /= 1_024
    unit++
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

const timeText = (seconds: number): string => {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}

const rateOf = (seen: readonly { at: number; done: number }[]): number => {
  const [first, last] = [seen[0], seen.at(-1)]
  return first && last && last.at > first.at ? ((last.done - first.done) * 1_000) / (last.at - first.at) : 0
}
