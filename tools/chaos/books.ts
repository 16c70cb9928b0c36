// Reads the back end's books for the judge: what it tells an operator over its API while it runs, and what lies in its store
// when it is stopped.
import type { Json, Store } from '../../src/base/ports.ts'
import type { Book, Books, Reading } from './history.ts'
import { TOKEN } from './nodes.ts'

type JsonObject = { readonly [key: string]: Json }

/** Transactions as the API tells them, each with its values. */
export const readApi = async (port: number): Promise<Book[]> => {
  const get = async (path: string): Promise<Json> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`)
    return (await response.json()) as Json
  }
  const books: Book[] = []
  for (const { id } of (await get('/transactions')) as JsonObject[])
    books.push(bookOf((await get(`/transactions/${encodeURIComponent(String(id))}`)) as JsonObject))
  return books
}

const bookOf = ({ id, stationId, startedAt, state, energyWh, meterValues }: JsonObject): Book => ({
  id: String(id),
  station: String(stationId),
  session: String(startedAt),
  state: String(state),
  energyWh: Number(energyWh),
  readings: (meterValues as unknown as { at: string; values: { value: string }[] }[]).flatMap(readingsOf),
  seqNos: [],
  flags: [],
})

const readingsOf = ({ at, values }: { at: string; values: { value: string }[] }): Reading[] =>
  values.map(({ value }) => ({ at, wh: Number(value) }))

/** The API's transactions with what only the store tells: the numbers of events, doubts, and when each message had its effect. */
export const withStore = (told: readonly Book[], store: Store): Books => {
  const rows = new Map(
    store.list('transactions').map(({ key, value }) => [String((value as JsonObject).id), { key, value: value as JsonObject }]),
  )
  const transactions = told.map((book): Book => {
    const row = rows.get(book.id)
    if (row === undefined) return { ...book, flags: ['the API tells of it, and the store does not hold it'] }
    const seqNos = store.list('meter-values', { prefix: `${row.key}/` }).map(({ value }) => (value as JsonObject).seqNo)
    return { ...book, seqNos: seqNos.filter((seqNo) => typeof seqNo === 'number'), flags: (row.value.flags as string[] | undefined) ?? [] }
  })
  // the key is time, station and message id
  const handled = store.list('answers-by-time').map(({ key }) => {
    const [at = '', station = '', ...rest] = key.split('/')
    return { station, messageId: rest.join('/'), at: Number(at) }
  })
  return { transactions, handled }
}
