// What messages of OCPP without a signed value tell of a transaction that has signed ones in the same document: the meter's last number, and
// samples of its begin and its end. A bill may rest on them, so they are compared with the session (transparency/checks/counts.ts).
import { nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { ToldCount } from '../reading.ts'
import { ODD_STOP, sampleCount, spelled, stopCount, stopText } from './ocpp-told.ts'

/** 2.x, 1.6, and a transaction as our own back end tells it. */
export const transactionOf = (node: JsonNode): string | undefined =>
  textAt(node, 'transactionInfo', 'transactionId') ?? textAt(node, 'transactionId') ?? (isOwn(node) ? textAt(node, 'id') : undefined)

const isOwn = (node: JsonNode): boolean => nodeAt(node, 'signedRecords') !== undefined

export interface Elsewhere {
  readonly counts: ToldCount[]
  /** What nobody can compare. */
  readonly problems: Set<string>
}

/** Different numbers of one transaction: each is compared with all readings of its place. */
const MOST = 64

/** A transaction; where nobody names one, the list in which values stand together. */
export type Together = string | JsonNode

export const togetherIn = (transaction: string, list: JsonNode | undefined): Together | undefined =>
  transaction === '' ? list : transaction

/**
 * By what they stand together in.
 * @param around each `meterStop` that stands around a signed value: it is compared there
 */
export const toldElsewhere = (
  document: JsonNode | undefined,
  around: ReadonlySet<JsonNode>,
  starts: ReadonlyMap<string, string>,
): ReadonlyMap<Together, Elsewhere> => {
  const all = new Map<Together, Elsewhere>()
  const toldOf = (together: Together): Elsewhere => {
    const told = all.get(together) ?? { counts: [], problems: new Set() }
    all.set(together, told)
    return told
  }
  const add = ({ counts, problems }: Elsewhere, count: ToldCount): void => {
    if (counts.some((other) => isSame(count, other))) return
    if (counts.length < MOST) counts.push({ ...count, elsewhere: true })
    else problems.add(`more than ${MOST} numbers of its begin and its end`)
  }
  const look = (node: JsonNode, together: Together): void => {
    const stop = nodeAt(node, 'meterStop')
    if (stop !== undefined && !around.has(stop)) {
      const count = stopCount(stopText(stop), typeof together === 'string' ? starts.get(together) : undefined)
      if (count === 'odd') toldOf(together).problems.add(ODD_STOP)
      else if (count !== undefined) add(toldOf(together), count)
    }
    const sample = isWhole(node) ? sampleCount(node) : undefined
    if (sample?.place !== undefined) add(toldOf(together), { ...sample, name: 'a sample of the transaction', place: sample.place })
  }
  const walk = (node: JsonNode, place: Place): void => {
    if (node.type === 'array') for (const item of node.items) walk(item, { ...place, list: node })
    if (node.type !== 'object') return
    // in the record of our own back end it is that transaction, whatever its messages call it
    const transaction = (place.isKept ? undefined : transactionOf(node)) ?? place.transaction
    const isKept = place.isKept || isOwn(node)
    const together = togetherIn(transaction, place.list)
    if (together !== undefined && (isKept || !isSigned(node))) look(node, together)
    for (const child of node.members.values()) walk(child, { transaction, isKept, list: place.list })
  }
  if (document !== undefined) walk(document, { transaction: '', isKept: false, list: undefined })
  return all
}

interface Place {
  readonly transaction: string
  readonly isKept: boolean
  readonly list: JsonNode | undefined
}

const isSame = (a: ToldCount, b: ToldCount): boolean =>
  a.by === b.by && a.place === b.place && a.unit === b.unit && a.value.scale === b.value.scale && a.value.digits === b.value.digits

/** What stands beside a signed value is compared with that. */
const isSigned = (node: JsonNode): boolean =>
  nodeAt(node, 'signedMeterValue') !== undefined || nodeAt(node, 'signedMeterData') !== undefined

/** Of all phases, and where the car is. */
const isWhole = (node: JsonNode): boolean =>
  nodeAt(node, 'phase') === undefined && spelled(textAt(node, 'location') ?? 'outlet') === 'outlet'
