// How facts about keys lie on the disk, and how they are read back: as strangers, because a disk can be changed by hand. Whether one of them is
// believed is decided in key-ledger.ts.
import { asFault } from '../base/fault.ts'
import type { Change, Json, Row, Store } from '../base/ports.ts'
import { readVouched, type Vouched } from './key-document.ts'

/** A row that nobody with the right to it vouches for, or that is none. */
export type Unbelieved = Row & { readonly why: string }

const COLLECTION = 'keys'

/**
 * What keeps a fact: rows whose order is that in which they can be read again, roots, revocations, documents. What a new root made void is deleted.
 * @param heard of a root: when this node heard of it, ms
 */
export const keeping = ({ fact, signatures }: Vouched, store: Store, heard: number): Change[] => {
  const value = { fact, signatures, ...(fact.kind === 'root' && { heard }) } as object as Json
  if (fact.kind === 'root') return [{ collection: COLLECTION, key: `1/${number(fact.seq)}`, value }]
  if (fact.kind === 'revocations') return [{ collection: COLLECTION, key: '2', value }]
  const prefix = `3/${fact.node}/`
  const kept = `${prefix}${number(fact.root)}/`
  const stale = store.list(COLLECTION, { prefix }).filter(({ key }) => !key.startsWith(kept))
  return [...stale.map(({ key }) => dropped(key)), { collection: COLLECTION, key: `${kept}${number(fact.seq)}`, value }]
}

export const dropped = (key: string): Change => ({ collection: COLLECTION, key, value: undefined })

/**
 * Offers every fact on the disk to one who believes it or throws. Revocations may hang on the document of an administrator, and a document on the
 * revocation of all keys before it: so what is refused is offered again for as long as something else was believed. Returns what stays refused.
 */
export const readKept = (store: Store, believe: (kept: Vouched, heard?: number) => void): Unbelieved[] => {
  const offer = (row: Row): Unbelieved[] => {
    try {
      believe(readVouched(row.value), heardOf(row.value))
      return []
    } catch (error) {
      return [{ ...row, why: asFault(error).message }]
    }
  }
  let refused: readonly Row[] = store.list(COLLECTION)
  for (;;) {
    const still = refused.flatMap(offer)
    if (still.length === refused.length) return still
    refused = still
  }
}

const heardOf = (value: Json): number | undefined => {
  const { heard } = value as { readonly heard?: Json }
  return typeof heard === 'number' ? heard : undefined
}

const number = (value: number): string => String(value).padStart(16, '0')
