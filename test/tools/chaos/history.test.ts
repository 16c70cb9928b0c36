import { describe, expect, it } from 'vitest'
import { type Book, type Books, checkHistory, type Said } from '../../../tools/chaos/history.ts'

const at = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString()

/** A session of OCPP 2.x: begin, two values, end; all acknowledged. */
const said = (station = 'cs', first = 0): Said[] =>
  [0, 1, 2, 3].map((n) => ({
    station,
    session: at(first),
    messageId: `m${first + n}`,
    action: 'TransactionEvent',
    kind: n === 0 ? 'start' : n === 3 ? 'end' : 'values',
    wh: 1_000 + n * 100,
    reading: { at: at(first + n), wh: 1_000 + n * 100 },
    seqNo: n,
    attempts: ['unknown', 'result'],
  }))

const bookOf = (events: readonly Said[]): Book => ({
  id: `T-${events[0]?.session}`,
  station: events[0]?.station ?? '',
  session: events[0]?.session ?? '',
  state: 'ended',
  energyWh: 300,
  readings: events.flatMap(({ reading }) => reading ?? []),
  seqNos: events.flatMap(({ seqNo }) => seqNo ?? []),
  flags: [],
})

const booksOf = (...sessions: readonly Said[][]): Books => ({
  transactions: sessions.map(bookOf),
  handled: sessions.flat().map(({ station, messageId }, n) => ({ station, messageId, at: 1_000 + n })),
})

const kinds = (events: readonly Said[], books: Books): string[] => checkHistory(events, books).map(({ kind }) => kind)
const withBook = (books: Books, change: Partial<Book>): Books => ({
  ...books,
  transactions: books.transactions.map((book, n) => (n === 0 ? { ...book, ...change } : book)),
})

describe('the judge of a chaos run', () => {
  const first = said('cs', 0)
  const second = said('cs', 10)
  const history = [...first, ...second]
  const books = booksOf(first, second)
  const book = bookOf(first)

  it('finds nothing where every acknowledged event is in the books once, in its order', () => {
    expect(checkHistory(history, books)).toEqual([])
  })

  it('says what was lost: a value, a whole session, an end', () => {
    const [finding] = checkHistory(history, withBook(books, { readings: book.readings.filter((_, n) => n !== 2) }))
    expect(finding).toMatchObject({ kind: 'lost', station: 'cs', session: at(0) })
    expect(finding?.evidence).toBe(`TransactionEvent m2 (attempts: unknown, result): 1200 Wh at ${at(2)} is not among the 3 values`)
    expect(kinds(history, { ...books, transactions: books.transactions.slice(0, 1) })).toEqual(['lost'])
    expect(kinds(history, withBook(books, { seqNos: [0, 1, 3] }))).toEqual(['lost'])
    expect(kinds(history, withBook(books, { state: 'running' }))).toEqual(['lost'])
    expect(kinds(history, { ...books, handled: books.handled.slice(1) })).toEqual(['lost'])
  })

  it('says what was counted twice: a value, an event, a session', () => {
    expect(kinds(history, withBook(books, { readings: [...book.readings, ...book.readings.slice(1, 2)] }))).toEqual(['doubled'])
    expect(kinds(history, withBook(books, { seqNos: [0, 1, 1, 2, 3] }))).toEqual(['doubled'])
    expect(kinds(history, { ...books, transactions: [...books.transactions, { ...book, id: 'again' }] })).toEqual(['doubled'])
  })

  it('says what was put in another place, and counts only the first time a message had its effect', () => {
    const [a, b, ...rest] = books.handled as [Books['handled'][0], Books['handled'][0]]
    const swapped = [{ ...a, at: b.at }, { ...b, at: a.at }, ...rest]
    expect(kinds(history, { ...books, handled: swapped })).toEqual(['reordered'])
    expect(kinds(history, { ...books, handled: [...books.handled, { ...a, at: 9_000 }] })).toEqual([])
  })

  it('says what was changed or invented: energy, a doubt, a value, a session', () => {
    expect(kinds(history, withBook(books, { energyWh: 301 }))).toEqual(['changed'])
    expect(kinds(history, withBook(books, { flags: ['sequence-conflict'] }))).toEqual(['changed'])
    expect(kinds(history, withBook(books, { readings: [...book.readings, { at: at(5), wh: 7 }] }))).toEqual(['invented'])
    expect(kinds(second, books)).toEqual(['invented'])
  })

  it('lets an event that nobody acknowledged be there or not, but not twice', () => {
    const open = first.map(
      (event): Said => (event.seqNo === 3 ? { ...event, attempts: ['unknown', 'error'], error: 'GenericError' } : event),
    )
    const without = { ...book, readings: book.readings.slice(0, 3), seqNos: [0, 1, 2], state: 'running', energyWh: 200 }
    const handled = books.handled.slice(0, 4)
    expect(kinds(open, { transactions: [book], handled })).toEqual([])
    expect(kinds(open, { transactions: [without], handled: handled.slice(0, 3) })).toEqual([])
    expect(kinds(open, { transactions: [{ ...book, seqNos: [0, 1, 2, 3, 3] }], handled })).toEqual(['doubled'])
  })
})
