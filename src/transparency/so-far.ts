// What a running session has come to: energy and cost up to its latest reading, as if it ended there. A session that has ended, or is
// invalid, has none.
import type { Marker } from '../metering/reading.ts'
import type { Session, SessionReading } from './checks/check.ts'
import { costOf } from './cost.ts'
import { withEnergy } from './session.ts'
import type { SoFarReport } from './verdict.ts'

export const soFarOf = (session: Session): SoFarReport | undefined => {
  if (has(session, 'end') || !has(session, 'begin')) return undefined
  const closed = asIfEnded(session)
  const time = closed.readings.findLast(({ reading }) => reading.marker === 'end')?.reading.time?.iso
  const { energyWh } = closed
  if (time === undefined || energyWh === undefined) return undefined
  const cost = costOf(closed)
  return { time, energyWh, ...(cost === undefined ? {} : { cost }) }
}

const has = ({ readings }: Session, marker: Marker): boolean => readings.some(({ reading }) => reading.marker === marker)

/** The last reading of each register that has another one before it stands for the end. */
const asIfEnded = (session: Session): Session => {
  const registers = new Map(
    [...session.registers].map(([name, row]) => [name, row.map((item, i) => (i > 0 && i === row.length - 1 ? ended(item) : item))]),
  )
  return withEnergy({ ...session, registers, readings: [...registers.values()].flat() })
}

const ended = ({ reading, of }: SessionReading): SessionReading => ({ reading: { ...reading, marker: 'end' }, of })
