// What a place for a record holds: a record, or a document that has places of its own, such as SAFE XML in base64 in a message. What stands
// around the place is said of all that is in it. Archives and pictures in such places are not opened.
import type { Container, Part, Slot } from './container.ts'
import type { Content } from './content.ts'
import { documentOf } from './documents.ts'
import type { Format } from './format.ts'
import { formatOf } from './formats.ts'

export type Held = { readonly content: Content; readonly format: Format } | { readonly content: Content; readonly container: Container }

/** Undefined where nothing known is in it. A record goes before a document: each way of reading is asked for one first. */
export const heldIn = ({ contents }: Pick<Slot, 'contents'>): Held | undefined => {
  for (const content of contents) {
    const format = formatOf(content)
    if (format !== undefined) return { content, format }
  }
  for (const content of contents) {
    const container = documentOf(content)
    if (container !== undefined) return { content, container }
  }
  return undefined
}

/** The parts of a document that stands in a place, each with what is said around that. */
export const within = (outer: Slot, parts: readonly Part[]): Part[] => {
  const isOnly = parts.filter(({ kind }) => kind === 'slot').length === 1
  const { annotate = (record) => record, unsigned = [] } = outer
  return parts.map((part) =>
    part.kind !== 'slot'
      ? part
      : {
          ...part,
          keysAround: [...outer.keys, ...(outer.keysAround ?? []), ...(part.keysAround ?? [])],
          unsigned: [...unsigned, ...(part.unsigned ?? [])],
          annotate: (record, alone) => annotate(part.annotate?.(record, alone) ?? record, alone && isOnly),
        },
  )
}
