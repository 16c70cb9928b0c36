// Which sessions a document tells about: those with a record of its own. A bill may be about several, and its total is that of all; and a
// session may have records in several documents, and some in none. Compares nothing.
import type { Told } from '../metering/reading.ts'
import type { Session, ToldTogether } from './checks/check.ts'
import type { Judged } from './trust.ts'

/** The same sessions, those that documents tell of with what they say. */
export const withTold = (sessions: readonly Session[]): readonly Session[] => {
  // most records stand in no such document
  if (sessions.every((session) => recordsOf(session).every(({ record }) => record.told === undefined))) return sessions
  const counts = countsOf(sessions)
  // one object for all of them: what is found out about a document is found out once, and not once for each of its sessions
  const saying = new Map<Told, { readonly said: Told; readonly sessions: Session[]; readonly whole: boolean }>()
  const told = sessions.map((session): readonly ToldTogether[] =>
    saidIn(session).map((said) => {
      const together = saying.get(said) ?? { said, sessions: [], whole: counts.get(said) === said.records }
      saying.set(said, together)
      together.sessions.push(session)
      return together
    }),
  )
  return sessions.map((session, index) => ({ ...session, told: told[index] ?? [] }))
}

/** A document that has copies of its records only tells about it all the same. */
const recordsOf = ({ records, copies }: Session): readonly Judged[] =>
  copies.length === 0 ? records : [...records, ...copies.map(({ copy }) => copy)]

const saidIn = (session: Session): Told[] => [...new Set(recordsOf(session).flatMap(({ record: { told } }) => told ?? []))]

/** How many records of each document were read. */
const countsOf = (sessions: readonly Session[]): ReadonlyMap<Told, number> => {
  const counts = new Map<Told, number>()
  for (const session of sessions)
    for (const { record } of recordsOf(session)) for (const told of record.told ?? []) counts.set(told, (counts.get(told) ?? 0) + 1)
  return counts
}
