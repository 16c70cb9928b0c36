// Which sessions a document tells about: those of its records. A bill may be about several, and its total is that of all. Compares nothing.
import type { Told } from '../metering/reading.ts'
import type { Session, ToldTogether } from './checks/check.ts'

/** The same sessions, those that a document tells of with what it says. */
export const withTold = (sessions: readonly Session[]): readonly Session[] => {
  // most records stand in no such document
  if (sessions.every((session) => saidOf(session) === undefined)) return sessions
  // one object for all of them: what is found out about a document is found out once, and not once for each of its sessions
  const saying = new Map<Told, ToldTogether>()
  for (const [said, together] of Map.groupBy(sessions, saidOf))
    if (said !== undefined) saying.set(said, { said, sessions: together, whole: countOf(together) === said.records })
  return sessions.map((session) => {
    const said = saidOf(session)
    return said === undefined ? session : { ...session, told: saying.get(said) }
  })
}

/** Undefined where one of its records stands elsewhere. */
const saidOf = ({ records }: Session): Told | undefined => {
  const told = records[0]?.record.told
  return told !== undefined && records.every(({ record }) => record.told === told) ? told : undefined
}

const countOf = (sessions: readonly Session[]): number =>
  sessions.reduce((sum, { records, copies }) => sum + records.length + copies.length, 0)
