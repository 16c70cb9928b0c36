// The values of a PDF: numbers, names, strings, arrays, dictionaries, references (ISO 32000-2 §7.3). One value at a place in the text,
// which holds one character for each byte. Streams and files are for the callers.
import { Fault } from '../../../base/fault.ts'

export type PdfValue = null | boolean | number | PdfName | PdfString | PdfReference | readonly PdfValue[] | PdfDictionary

export interface PdfName {
  readonly name: string
}
export interface PdfString {
  readonly bytes: Uint8Array
}
export interface PdfReference {
  readonly object: number
}
export type PdfDictionary = ReadonlyMap<string, PdfValue>

export interface PdfText {
  readonly text: string
  readonly bytes: Uint8Array
}

/** Reads one value after another from a place on; `at` stands behind the last one, or where reading failed. */
export class PdfReader {
  at: number
  readonly #source: PdfText

  constructor(source: PdfText, at: number) {
    this.#source = source
    this.at = at
  }

  /** @throws Fault `record-malformed`, or `limit-exceeded` where values nest deeper than 32 */
  value(depth = MAX_DEPTH): PdfValue {
    if (depth === 0) throw new Fault('limit-exceeded', `values of the PDF nest deeper than ${MAX_DEPTH}`)
    this.skip()
    const { text } = this.#source
    if (text.startsWith('<<', this.at)) return this.#dictionary(depth)
    switch (text[this.at]) {
      case '/':
        return { name: this.#name() }
      case '(':
        return { bytes: this.#string() }
      case '<':
        return { bytes: this.#hexString() }
      case '[':
        return this.#array(depth)
      default:
        return this.#scalar()
    }
  }

  /** Over blanks and comments. */
  skip(): void {
    const { text } = this.#source
    for (; this.at < text.length; this.at++) {
      if (text[this.at] === '%') {
        const end = text.slice(this.at, this.at + MAX_COMMENT).search(/[\r\n]/)
        this.at += end < 0 ? MAX_COMMENT : end
      } else if (!BLANKS.includes(text[this.at] ?? ' ')) return
    }
  }

  /** Takes the given characters if they stand here. */
  takes(word: string): boolean {
    const here = this.#source.text.startsWith(word, this.at)
    if (here) this.at += word.length
    return here
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#source.text)
    if (found === null) return undefined
    this.at = pattern.lastIndex
    return found
  }

  #dictionary(depth: number): PdfDictionary {
    this.at += 2
    const members = new Map<string, PdfValue>()
    for (;;) {
      this.skip()
      if (this.takes('>>')) return members
      if (this.#source.text[this.at] !== '/') throw this.#malformed('a name')
      const [name, value] = [this.#name(), this.value(depth - 1)]
      const before = members.get(name)
      // readers differ in which of two they take
      if (before !== undefined) members.set(`${name}${AGAIN}${members.size}`, before)
      members.set(name, value)
    }
  }

  #array(depth: number): PdfValue[] {
    this.at++
    const items: PdfValue[] = []
    for (;;) {
      this.skip()
      if (this.takes(']')) return items
      items.push(this.value(depth - 1))
    }
  }

  #name(): string {
    const [, name = ''] = this.#match(NAME) ?? []
    return name.replace(/#([0-9a-fA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  }

  #scalar(): PdfValue {
    const reference = this.#match(REFERENCE)?.[1]
    if (reference !== undefined) return { object: Number(reference) }
    const number = this.#match(NUMBER)?.[0]
    if (number !== undefined) return Number(number)
    const word = this.#match(WORD)?.[0]
    if (word === undefined) throw this.#malformed('a value')
    return word === 'null' ? null : word === 'true'
  }

  /** With nested brackets and escapes, ISO 32000-2 §7.3.4.2. */
  #string(): Uint8Array {
    const { bytes, text } = this.#source
    const out: number[] = []
    let open = 1
    for (this.at++; this.at < bytes.length; this.at++) {
      const character = text[this.at]
      if (character === '\\') this.#escape(out)
      else {
        open += character === '(' ? 1 : character === ')' ? -1 : 0
        if (open === 0) break
        out.push(bytes[this.at] ?? 0)
      }
      if (out.length > MAX_STRING) throw new Fault('limit-exceeded', `a string of the PDF is longer than ${MAX_STRING} bytes`)
    }
    if (!this.takes(')')) throw this.#malformed('the end of a string')
    return Uint8Array.from(out)
  }

  #escape(out: number[]): void {
    this.at++
    const { bytes, text } = this.#source
    const octal = /^[0-7]{1,3}/.exec(text.slice(this.at, this.at + 3))?.[0]
    if (octal !== undefined) {
      out.push(Number.parseInt(octal, 8) & 0xff)
      this.at += octal.length - 1
      return
    }
    // an escaped line end is none
    if (text.startsWith('\r\n', this.at)) this.at++
    else if (text[this.at] !== '\n' && text[this.at] !== '\r') out.push(ESCAPES.get(text[this.at] ?? '') ?? bytes[this.at] ?? 0)
  }

  #hexString(): Uint8Array {
    const digits = this.#match(HEX_STRING)?.[1]?.replace(/\s/g, '')
    if (digits === undefined) throw this.#malformed('a string in hexadecimal')
    const pairs = digits.match(/../g) ?? []
    // a last digit alone has a zero behind it, ISO 32000-2 §7.3.4.3
    const rest = digits.length % 2 === 1 ? [`${digits.at(-1)}0`] : []
    return Uint8Array.from([...pairs, ...rest], (pair) => Number.parseInt(pair, 16))
  }

  #malformed(expected: string): Fault {
    return new Fault('record-malformed', `the PDF cannot be read: expected ${expected} at byte ${this.at}`)
  }
}

/** In the name of a member that comes once more, before its number; no name that is written down has one. The last has the name itself. */
export const AGAIN = '\0'

const MAX_DEPTH = 32
const MAX_STRING = 1_048_576
const MAX_COMMENT = 65_536
const BLANKS = ' \r\n\t\f\0'
const NAME = /\/([^\s()<>[\]{}/%\0]{0,200})/y
const REFERENCE = /([0-9]{1,10})\s{1,20}[0-9]{1,5}\s{1,20}R(?![A-Za-z0-9])/y
const NUMBER = /[+-]?(?:[0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})/y
const WORD = /(?:true|false|null)(?![A-Za-z0-9])/y
const HEX_STRING = /<([0-9a-fA-F\s]{0,200000})>/y
const ESCAPES = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['b', 0x08],
  ['f', 0x0c],
])
