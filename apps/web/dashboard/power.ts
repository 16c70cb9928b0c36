// The lines of the power chart: samples and a size in, points out.

export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly watts: number
}

export interface Chart {
  /** `x,y x,y …`; empty for fewer than two samples. */
  readonly line: string
  /** The line, closed along the bottom. */
  readonly area: string
  /** Watts at the upper edge: a round number above every sample. */
  readonly top: number
  /** Where the newest sample stands. */
  readonly dot: { readonly x: number; readonly y: number } | undefined
}

/** Time runs to the right, ends with the newest sample, and spans `period` milliseconds. */
export const chart = (samples: readonly Sample[], size: { width: number; height: number }, period: number): Chart => {
  const top = roundAbove(Math.max(1000, ...samples.map((sample) => sample.watts)))
  const now = samples.at(-1)?.at ?? 0
  const round = (value: number) => Math.round(value * 10) / 10
  const points = samples
    .filter((sample) => sample.at >= now - period)
    .map(({ at, watts }) => ({
      x: round(size.width - ((now - at) / period) * size.width),
      y: round(size.height - (watts / top) * size.height),
    }))
  if (points.length < 2) return { line: '', area: '', top, dot: points[0] }
  const line = points.map(({ x, y }) => `${x},${y}`).join(' ')
  return { line, area: `${points[0]?.x},${size.height} ${line} ${points.at(-1)?.x},${size.height}`, top, dot: points.at(-1) }
}

/** The next of 1, 2, 4, 6, 8, 10, 20, 40 … that leaves some air above the value. */
const roundAbove = (watts: number): number => {
  const unit = 10 ** Math.floor(Math.log10(watts))
  return ([1, 2, 4, 6, 8, 10].find((step) => step * unit >= watts * 1.1) ?? 20) * unit
}
