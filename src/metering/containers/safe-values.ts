// The elements `value` of a SAFE XML while it is read: the text of their fields, and what stands where no reader should look for it. What the
// fields mean is said in safe-xml.ts.
import { Fault } from '../../base/fault.ts'
import { formatOf } from '../formats.ts'
import { RECORD_ELEMENTS } from '../xml.ts'

export interface SafeField {
  readonly name: string
  /** Attribute `encoding`; empty when there is none. */
  readonly encoding: string
  text: string
  /** By an element in it, or by a comment or an instruction with text before and behind: another reader may take something else for its text. */
  torn: boolean
}

const DATA = new Set(['signedData', 'encodedData'])
const RECORDS: ReadonlySet<string> = new Set(RECORD_ELEMENTS)
const FIELDS = new Set([...DATA, 'publicKey'])

/** Of a text in another element: enough to tell what it is. */
const LONGEST = 4096
/** Shorter texts are no records. */
const SHORTEST = 64

/** Listens to the events of a parser. */
export class SafeValues {
  /** The fields of each `value`, in order. */
  readonly values: SafeField[][] = []
  /** How often signed data, or a text that is a record, stands outside of its place. */
  strays = 0
  readonly #most: number
  #inValue = false
  #field: SafeField | undefined
  #said = false
  #cut = false
  /** Text of an element that is no field. */
  #other = ''

  /** @param most values; beyond them the limit is exceeded */
  constructor(most: number) {
    this.#most = most
  }

  /** @param depth of the element; the document's root is 1 */
  open(name: string, encoding: string, depth: number): void {
    if (depth === 2) this.#inValue = name === 'value'
    if (depth === 2 && this.#inValue) this.values.push([])
    if (this.values.length > this.#most) throw new Fault('limit-exceeded', `more than ${this.#most} values`)
    const inPlace = depth === 3 && this.#inValue
    this.#other = ''
    // its text would be read as part of the field by some, and left out by others
    if (this.#field !== undefined) this.#field.torn = true
    if (RECORDS.has(name) && !(inPlace && DATA.has(name))) this.strays++
    if (!inPlace || !FIELDS.has(name)) return
    this.#said = false
    this.#cut = false
    this.#field = { name, encoding, text: '', torn: false }
    this.values.at(-1)?.push(this.#field)
  }

  text(more: string): void {
    if (this.#field !== undefined) {
      this.#field.text += more
      const says = /\S/.test(more)
      this.#field.torn ||= this.#cut && says
      this.#said ||= says
    } else if (this.#other.length < LONGEST) this.#other += more
  }

  /** A comment or an instruction. */
  tear(): void {
    this.#cut = this.#field !== undefined && this.#said
  }

  /** @param depth of what is left */
  close(depth: number): void {
    if (this.#field === undefined && isRecord(this.#other)) this.strays++
    this.#other = ''
    if (depth < 3) this.#field = undefined
  }
}

const isRecord = (text: string): boolean => text.length >= SHORTEST && formatOf({ bytes: EMPTY, text }) !== undefined
const EMPTY = new Uint8Array()
