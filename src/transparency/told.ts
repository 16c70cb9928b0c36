// Which sessions a document tells about: those of its records. A bill may be about several, and its total is that of all. Compares nothing.
import type { Told } from '../metering/reading.ts'
import type { Session } from './checks/check.ts'

/** The same sessions, those that a document tells of with what it says. */
export const withTold = (sessions: readonly Session[]): readonly Session[] => {
  // most records stand in no such document
  if (sessions.every((session) => saidOf(session) === undefined)) return sessions
  const saying = Map.groupBy(sessions, saidOf)
  return sessions.map((session) => {
    const said = saidOf(session)
    const together = saying.get(said) ?? []
    return said === undefined ? session : { ...session, told: { said, sessions: together, whole: countOf(together) === said.records } }
  })
}

/** Undefined where one of its records stands elsewhere. */
const saidOf = ({ records }: Session): Told | undefined => {
  const told = records[0]?.record.told
  return told !== undefined && records.every(({ record }) => record.told === told) ? told : undefined
}

const countOf = (sessions: readonly Session[]): number =>
  sessions.reduce((sum, { records, copies }) => sum + records.length + copies.length, 0)
