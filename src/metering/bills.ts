// A document that is read as one kind and is a bill of another kind as well: who reads that one bills what it tells. So it is compared, too.
import { withBeside } from './beside.ts'
import type { Container, Part } from './container.ts'
import { ctr } from './containers/ctr.ts'
import { toldBy as toldByCtr } from './containers/ctr-told.ts'
import { ocpi, toldBy as toldByOcpi } from './containers/ocpi.ts'
import { oicp, toldBy as toldByOicp } from './containers/oicp.ts'
import { itemsAt, jsonOf } from './json-document.ts'
import type { JsonNode } from './json-text.ts'
import type { Told } from './reading.ts'
import { MANY_BILLS, toldOfPlaces } from './told-places.ts'

type Said = Omit<Told, 'records'>

interface Bill {
  readonly container: Container
  readonly toldBy: (document: JsonNode) => readonly Said[]
}

const BILLS: readonly Bill[] = [
  { container: ctr, toldBy: (document) => itemsAt(document, 'chargingSessions').map(toldByCtr) },
  { container: ocpi, toldBy: (document) => [toldByOcpi(document)] },
  { container: oicp, toldBy: (document) => [toldByOicp(document)] },
]

/** The container, whose records then also carry what the same object tells as a bill of another kind. */
export const comparingBills = (container: Container): Container => ({
  ...container,
  open: (content, budget) => {
    const parts = container.open(content, budget)
    const document = jsonOf(content)
    if (document?.type !== 'object') return parts
    const others = BILLS.filter((bill) => bill.container !== container && bill.container.recognise(content))
    const said = others.flatMap(({ toldBy }) => toldBy(document)).slice(0, MANY_BILLS)
    return said.length === 0 ? parts : toldBeside(parts, said)
  },
})

const toldBeside = (parts: readonly Part[], said: readonly Said[]): Part[] => {
  const count = parts.filter(({ kind }) => kind === 'slot').length
  const places = said.map((each) => toldOfPlaces(each, count))
  return parts.map((part) => {
    if (part.kind !== 'slot') return part
    const told = places.map((place) => place())
    return {
      ...part,
      annotate: (record, alone) => withBeside(part.annotate?.(record, alone) ?? record, { told: told.flatMap((each) => each()) }),
    }
  })
}
