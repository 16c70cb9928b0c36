// A small drawing of a session's values over time. All of them stand as text in the table beside it.
import type { SessionReport } from '../../../src/transparency/index.ts'
import { decimal, meterTime } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { lineOf, type Point } from './plot-points.ts'

/** Of the drawing, in its own units. */
const [WIDTH, HEIGHT, EDGE] = [640, 96, 8] as const
/** More than these are a line without dots. */
const DOTS = 60

export const Plot = ({ session }: { session: SessionReport }) => {
  const { t, notation } = useSpeech()
  const line = lineOf(session)
  const [first, last] = [line?.points[0], line?.points.at(-1)]
  if (line === undefined || first === undefined || last === undefined) return null
  const said = ({ value }: Point) => `${decimal(value, notation)} ${line.unit}`
  const places = placesOf(line.points)
  const bad = places.filter(({ point }) => point.state === 'invalid' || point.state === 'malformed')
  const name = t('plot', {
    ...{ count: line.points.length, register: line.register, from: said(first), to: said(last) },
    ...{ begin: meterTime(first.time, notation), end: meterTime(last.time, notation) },
  })
  return (
    <figure class="plot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={name}>
        <path class="ground" d={`M0 ${HEIGHT - 1}H${WIDTH}`} />
        <polyline points={places.map(({ x, y }) => `${x},${y}`).join(' ')} />
        {places.length <= DOTS && places.map(({ x, y }, i) => <circle key={i} cx={x} cy={y} r="3.5" />)}
        {bad.map(({ x, y }, i) => (
          <path key={i} class="bad" d={`M${x - 6} ${y - 6}l12 12M${x + 6} ${y - 6}l-12 12`} />
        ))}
      </svg>
      <figcaption aria-hidden="true">
        <span>
          {said(first)} <small>{meterTime(first.time, notation)}</small>
        </span>
        <span>
          {said(last)} <small>{meterTime(last.time, notation)}</small>
        </span>
      </figcaption>
    </figure>
  )
}

const placesOf = (points: readonly Point[]): { readonly x: number; readonly y: number; readonly point: Point }[] => {
  const across = scale(
    points.map(({ at }) => at),
    WIDTH,
  )
  const up = scale(
    points.map(({ height }) => height),
    HEIGHT,
  )
  return points.map((point) => ({ point, x: across(point.at), y: HEIGHT - up(point.height) }))
}

/** From the least to the greatest; all on the middle line where they are one. */
const scale = (numbers: readonly number[], length: number): ((number: number) => number) => {
  const least = numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const greatest = numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const span = greatest - least
  return (number) => Math.round((span === 0 ? length / 2 : EDGE + ((number - least) / span) * (length - 2 * EDGE)) * 10) / 10
}
