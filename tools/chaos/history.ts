// The judge of a chaos run: compares what stations said and were told is accepted with what the back end's books hold in the
// end. It asks no node and knows no process: what it is given was written down by the stations' side and read from the books.

/** One register value, at the station's time. */
export interface Reading {
  /** RFC 3339, as the station wrote it. */
  readonly at: string
  readonly wh: number
}

/** One event that money hangs on, as the station's side saw it. */
export interface Said {
  readonly station: string
  /** Names the session at both ends: when it began, which no two sessions of a station share. */
  readonly session: string
  readonly messageId: string
  readonly action: string
  readonly kind: 'start' | 'values' | 'end'
  readonly wh: number
  /** What must stand among the meter values; a start or stop of OCPP 1.6 leaves none there. */
  readonly reading?: Reading
  /** Its number in the transaction, OCPP 2.x. */
  readonly seqNo?: number
  /** What became of each attempt: a result, an error, or nobody knows. */
  readonly attempts: ('result' | 'error' | 'unknown')[]
  /** The last error that came as an answer. */
  error?: string
}

/** One transaction of the back end. */
export interface Book {
  readonly id: string
  readonly station: string
  readonly session: string
  readonly state: string
  readonly energyWh: number
  readonly readings: readonly Reading[]
  readonly seqNos: readonly number[]
  /** The back end's own doubts. */
  readonly flags: readonly string[]
}

export interface Books {
  readonly transactions: readonly Book[]
  /** When each message first had its effect, milliseconds since 1970; any order. */
  readonly handled: readonly { readonly station: string; readonly messageId: string; readonly at: number }[]
}

export interface Finding {
  readonly kind: 'lost' | 'doubled' | 'reordered' | 'changed' | 'invented'
  readonly station: string
  readonly session: string
  /** The smallest set of facts that shows it. */
  readonly evidence: string
}

/** Everything that is wrong, the plainest first; empty where each acknowledged event is in the books once, in its place. */
export const checkHistory = (said: readonly Said[], books: Books): Finding[] => {
  const sessions = Map.groupBy(said, sessionOf)
  const booked = Map.groupBy(books.transactions, sessionOf)
  const findings = [...sessions].flatMap(([key, events]) => checkSession(events, booked.get(key) ?? []))
  for (const [key, transactions] of booked) if (!sessions.has(key)) findings.push(...transactions.map(inventedSession))
  return [...findings, ...checkOrder(said, books)]
}

/** Whether the station was told that the event is accepted: from then on it may forget it. */
export const isAcknowledged = ({ attempts }: Said): boolean => attempts.includes('result')

const sessionOf = ({ station, session }: { station: string; session: string }): string => `${station} ${session}`

const checkSession = (events: readonly Said[], transactions: readonly Book[]): Finding[] => {
  const [book, second] = transactions
  const acknowledged = events.filter(isAcknowledged)
  const [first] = acknowledged
  if (book === undefined) return first === undefined ? [] : [finding('lost', first, 'the back end knows no such transaction')]
  if (second !== undefined)
    return [finding('doubled', events[0] as Said, `the back end has transactions ${book.id} and ${second.id} of it`)]
  const doubts = book.flags.map((flag) => inBook('changed', book, `the back end doubts it: ${flag}`))
  return [...checkReadings(events, book), ...checkNumbers(events, book), ...checkEnd(events, book), ...doubts]
}

const checkReadings = (events: readonly Said[], book: Book): Finding[] => {
  const found = Map.groupBy(book.readings, readingText)
  const findings: Finding[] = []
  for (const event of events) {
    if (event.reading === undefined) continue
    const text = readingText(event.reading)
    const times = found.get(text)?.length ?? 0
    found.delete(text)
    if (times === 0 && isAcknowledged(event))
      findings.push(finding('lost', event, `${text} is not among the ${book.readings.length} values`))
    if (times > 1) findings.push(finding('doubled', event, `${text} stands ${times} times among the values`))
  }
  return [...findings, ...[...found.keys()].map((text) => inBook('invented', book, `${text} was never said`))]
}

const readingText = ({ at, wh }: Reading): string => `${wh} Wh at ${at}`

const checkNumbers = (events: readonly Said[], book: Book): Finding[] =>
  events.flatMap((event) => {
    if (event.seqNo === undefined) return []
    const times = book.seqNos.filter((seqNo) => seqNo === event.seqNo).length
    if (times === 0 && isAcknowledged(event)) return [finding('lost', event, `seqNo ${event.seqNo} is not in [${book.seqNos}]`)]
    return times > 1 ? [finding('doubled', event, `seqNo ${event.seqNo} stands ${times} times`)] : []
  })

const checkEnd = (events: readonly Said[], book: Book): Finding[] => {
  const [start, end] = [events.find(({ kind }) => kind === 'start'), events.find(({ kind }) => kind === 'end')]
  if (start === undefined || end === undefined || !isAcknowledged(end)) return []
  if (book.state !== 'ended') return [finding('lost', end, `the back end says the session is ${book.state}`)]
  const wh = end.wh - start.wh
  return book.energyWh === wh ? [] : [finding('changed', end, `expected ${wh} Wh, the back end says ${book.energyWh} Wh`)]
}

/** Acknowledged events of one station must have had their effect one after the other, as they were said. */
const checkOrder = (said: readonly Said[], { handled }: Books): Finding[] => {
  const firstAt = new Map<string, number>()
  for (const { station, messageId, at } of handled) {
    const key = `${station} ${messageId}`
    firstAt.set(key, Math.min(at, firstAt.get(key) ?? at))
  }
  const before = new Map<string, { event: Said; at: number }>()
  return said.filter(isAcknowledged).flatMap((event) => {
    const at = firstAt.get(`${event.station} ${event.messageId}`)
    if (at === undefined) return [finding('lost', event, 'the back end never handled the message')]
    const last = before.get(event.station)
    before.set(event.station, { event, at })
    if (last === undefined || at >= last.at) return []
    return [
      finding('reordered', event, `handled ${last.at - at} ms before ${last.event.action} ${last.event.messageId}, which was said first`),
    ]
  })
}

const finding = (kind: Finding['kind'], event: Said, what: string): Finding => {
  const { station, session, action, messageId, attempts, error } = event
  const told = `${attempts.join(', ')}${error === undefined ? '' : `; last error ${error}`}`
  return { kind, station, session, evidence: `${action} ${messageId} (attempts: ${told}): ${what}` }
}

const inBook = (kind: Finding['kind'], { station, session, id }: Book, what: string): Finding => ({
  kind,
  station,
  session,
  evidence: `transaction ${id}: ${what}`,
})

const inventedSession = (book: Book): Finding => inBook('invented', book, 'no station began such a session')
