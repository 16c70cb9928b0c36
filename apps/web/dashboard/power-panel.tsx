// The power of all running sessions over the last minutes, as seen since this page was opened.
import { useEffect, useRef, useState } from 'preact/hooks'
import { kilowatts, number } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Panel } from '../shell/panel.tsx'
import { chart, type Sample } from './power.ts'

const SIZE = { width: 420, height: 120 } as const
const KEPT_MS = 5 * 60_000
const EVERY_MS = 1000

/** `watts` is undefined while nothing is known: then the line waits. */
export const PowerPanel = ({ watts }: { watts: number | undefined }) => {
  const { t, language } = useSpeech()
  const samples = useSamples(watts)
  const { line, area, top, dot } = chart(samples, SIZE, KEPT_MS)
  const most = Math.max(0, ...samples.map((sample) => sample.watts))
  const now = watts === undefined ? '' : kilowatts(watts, language)
  return (
    <Panel title={t('power')} tools={<span class="figure power">{now}</span>}>
      <svg
        class="chart"
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        role="img"
        aria-label={t('power-summary', { now, most: kilowatts(most, language) })}
      >
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line class="grid" x1="0" x2={SIZE.width} y1={SIZE.height * part} y2={SIZE.height * part} />
            {part < 1 && (
              <text x="2" y={SIZE.height * part + 12}>
                {number((top * (1 - part)) / 1000, language)} kW
              </text>
            )}
          </g>
        ))}
        <polygon class="area" points={area} />
        <polyline class="curve" points={line} />
        {dot !== undefined && <circle class="now" cx={dot.x} cy={dot.y} r="3.5" />}
      </svg>
      <p class="axis">
        <span>{t('minutes-ago', { count: KEPT_MS / 60_000 })}</span>
        <span>{t('now')}</span>
      </p>
    </Panel>
  )
}

const useSamples = (watts: number | undefined): readonly Sample[] => {
  const [samples, setSamples] = useState<readonly Sample[]>([])
  const latest = useRef(watts)
  latest.current = watts
  useEffect(() => {
    const take = () => {
      const at = Date.now()
      const watts = latest.current
      if (watts === undefined) return
      setSamples((before) => [...before.filter((sample) => sample.at > at - KEPT_MS), { at, watts }])
    }
    take()
    const timer = setInterval(take, EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return samples
}
