// Which values of a session make a line: those of one register with a time each. For drawing only; numbers are shown as they were signed.
import type { SessionReport, SignatureState } from '../../../src/transparency/index.ts'

export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly height: number
  /** As it was signed. */
  readonly value: string
  readonly time: string
  readonly state: SignatureState
}

export interface Line {
  readonly register: string
  readonly unit: string
  /** At least two, in the order of time. */
  readonly points: readonly Point[]
}

/** The register with the most values, the first of equals; undefined where none has two at different times. */
export const lineOf = ({ records }: SessionReport): Line | undefined => {
  const lines = new Map<string, { register: string; unit: string; points: Point[] }>()
  for (const { values, time: recordTime = '', signature } of records) {
    for (const { obis = '', unit, value, time = recordTime } of values) {
      const point = { at: Date.parse(time), height: Number(value), value, time, state: signature.state }
      if (!Number.isFinite(point.at) || !Number.isFinite(point.height)) continue
      const line = lines.get(`${obis} ${unit}`) ?? { register: obis, unit, points: [] }
      lines.set(`${obis} ${unit}`, line)
      line.points.push(point)
    }
  }
  const drawable = [...lines.values()].filter(({ points }) => points.some(({ at }) => at !== points[0]?.at))
  const [longest] = drawable.sort((a, b) => b.points.length - a.points.length)
  return longest && { ...longest, points: longest.points.sort((a, b) => a.at - b.at) }
}
