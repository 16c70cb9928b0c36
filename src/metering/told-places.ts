// What a document tells of the records in its places, one object for all of them: what was said together is known together. Compares nothing.
import type { Told } from './reading.ts'

/**
 * For each place a function that gives what is told, to be asked once for each record in it: a place that holds several records is so many
 * more of them. A place that nobody could read counts too, so that its rest is missed.
 * @param places in the document
 */
export const toldOfPlaces = (said: Omit<Told, 'records'>, places: number): (() => () => Told[]) => {
  const told = { ...said, records: places }
  return () => {
    let seen = 0
    return () => {
      if (++seen > 1) told.records++
      return [told]
    }
  }
}

/** More of them tell of no one session, and each is held for each record: so many are refused where they are compared (transparency/checks/told.ts). */
export const MANY_BILLS = 17
