// What a golden vector is, and the altered twins that every format's vectors consist of: a list of cases says what is asked, the
// generator beside this folder asks it and stores the answer.
import { utf8 } from '../../src/base/bytes.ts'
import type { ContainerName } from '../../src/metering/container.ts'
import type { FormatName } from '../../src/metering/reading.ts'

/** File names with their content. */
export type Files = Readonly<Record<string, string | Uint8Array>>

export interface VectorCase {
  /** Below the format's folder. */
  readonly name: string
  readonly question: Files
  readonly trust?: Files
}

export interface FormatVectors {
  readonly format: FormatName
  cases(): readonly VectorCase[]
}

/** Of what lies around the records. */
export interface ContainerVectors {
  /** `keys`: files of keys, which are no containers and may hold several. */
  readonly container: ContainerName | 'keys'
  cases(): readonly VectorCase[]
}

export const bytesOf = (content: string | Uint8Array): Uint8Array => (typeof content === 'string' ? utf8(content) : content)

/** A run of the signed bytes. */
export interface ByteField {
  readonly name: string
  readonly at: number
  readonly length: number
}

export interface Twins {
  /** The bytes that are signed. */
  readonly signed: Uint8Array
  readonly fields: readonly ByteField[]
  /** A question about these bytes in place of the signed ones, with the signature of the signed ones. */
  question(altered: Uint8Array): Files
}

/**
 * One twin for every signed field: its last bit is flipped, and nothing else. The names are `field-NN-NAME`; a test expects none of
 * them to be valid.
 */
export const fieldTwins = ({ signed, fields, question }: Twins): VectorCase[] =>
  fields.map(({ name, at, length }, index) => {
    const altered = signed.slice()
    altered[at + length - 1] = (altered[at + length - 1] ?? 0) ^ 1
    return { name: `field-${String(index + 1).padStart(2, '0')}-${name}`, question: question(altered) }
  })
