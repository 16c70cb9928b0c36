// The objects of a PDF (ISO 32000-2 §7.5), found by reading the file from front to back: its own table of places is not believed. Objects
// in object streams are unpacked. Of several versions of an object the last counts.

import { Unzlib } from 'fflate'
import { concatAll, equal } from '../../../base/bytes.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import type { Budget } from '../../limits.ts'
import { Account, STEP } from '../account.ts'
import { type PdfDictionary, PdfReader, type PdfText, type PdfValue } from './value.ts'

export interface PdfObject {
  readonly value: PdfValue
  /** As it stands in the file, packed. */
  readonly stream?: Uint8Array
}

export class PdfFile {
  readonly objects = new Map<number, PdfObject>()
  /** Earlier versions of objects: what they name is in the file, and another reader may go by them. */
  readonly replaced: PdfValue[] = []
  /** Numbers of objects whose streams differ from version to version. */
  readonly rewritten = new Set<number>()
  /** Whether its contents are encrypted: then nothing in it can be read. */
  encrypted = false
  readonly #source: PdfText
  readonly #budget: Budget
  readonly #account: Account

  /** @throws Fault `limit-exceeded` */
  constructor(bytes: Uint8Array, budget: Budget) {
    this.#source = textOf(bytes)
    this.#budget = budget
    this.#account = new Account(bytes, budget)
    this.#scan()
  }

  /** The value itself, where it stands in an object of its own. */
  resolve(value: PdfValue | undefined): PdfValue | undefined {
    return isReference(value) ? this.objects.get(value.object)?.value : value
  }

  /**
   * The content of a stream.
   * @throws Fault `input-unknown` where it is packed in a way that is not read; `limit-exceeded`; `record-malformed`
   */
  unpacked({ value, stream }: PdfObject): Uint8Array {
    if (stream === undefined || !isDictionary(value)) throw new Fault('record-malformed', 'expected a stream in the PDF')
    const filter = this.resolve(value.get('Filter') ?? value.get('F')) ?? []
    const filters = (Array.isArray(filter) ? filter : [filter]).map((each) => nameOf(this.resolve(each)))
    const [only = 'none', ...others] = filters
    if (others.length > 0 || !(only === 'none' || FLATE.has(only)) || this.#predicted(value))
      throw new Fault('input-unknown', `packed in a way that is not read (${filters.join(', ').slice(0, 60)})`)
    if (only === 'none') {
      this.#account.bytes(stream.length, stream.length)
      return stream
    }
    return this.#inflate(stream)
  }

  /** Counts an attachment. @throws Fault `limit-exceeded` */
  entry(): void {
    this.#account.entry()
  }

  /** Differences between rows, which suit pictures and tables of places, not documents. */
  #predicted(dictionary: PdfDictionary): boolean {
    const given = this.resolve(dictionary.get('DecodeParms'))
    const parameters = Array.isArray(given) ? this.resolve(given[0]) : given
    return isDictionary(parameters) && Number(parameters.get('Predictor') ?? 1) > 1
  }

  #scan(): void {
    const { text } = this.#source
    const header = new RegExp(HEADER)
    for (let count = 0, found = header.exec(text); found !== null; found = header.exec(text)) {
      if (++count > MAX_OBJECTS) throw new Fault('limit-exceeded', `more than ${MAX_OBJECTS} objects in the PDF`)
      if (count % 100 === 0) this.#budget.checkTime()
      const reader = new PdfReader(this.#source, header.lastIndex)
      const object = this.#object(reader)
      // from where reading ended, good or not: so no byte is read twice
      header.lastIndex = Math.max(header.lastIndex, reader.at)
      if (object === undefined) continue
      if (found[1] === undefined) this.encrypted ||= isDictionary(object.value) && object.value.has('Encrypt')
      else this.#keep(Number(found[1]), object)
    }
  }

  #keep(number: number, object: PdfObject): void {
    this.#set(number, object)
    if (!isDictionary(object.value) || object.stream === undefined) return
    const type = nameOf(object.value.get('Type'))
    if (type === 'XRef') this.encrypted ||= object.value.has('Encrypt')
    if (type === 'ObjStm' && !this.encrypted) this.#unpackObjects(object)
  }

  #set(number: number, object: PdfObject): void {
    const before = this.objects.get(number)
    this.objects.set(number, object)
    if (before === undefined) return
    this.replaced.push(before.value)
    if (before.stream !== undefined && !(object.stream !== undefined && equal(before.stream, object.stream))) this.rewritten.add(number)
  }

  /** Undefined for what cannot be read: a PDF holds much that nobody asks for. */
  #object(reader: PdfReader): PdfObject | undefined {
    try {
      const value = reader.value()
      reader.skip()
      return isDictionary(value) && reader.takes('stream') ? { value, stream: this.#stream(reader, value) } : { value }
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      return undefined
    }
  }

  #stream(reader: PdfReader, dictionary: PdfDictionary): Uint8Array {
    const { bytes, text } = this.#source
    if (!reader.takes('\r\n') && !reader.takes('\n')) reader.takes('\r')
    const start = reader.at
    const length = dictionary.get('Length')
    const stated = typeof length === 'number' && /^\s{0,2}endstream/.test(text.slice(start + length, start + length + 11))
    const found = stated ? start + Number(length) : text.indexOf('endstream', start)
    const end = found < 0 ? text.length : found
    reader.at = end
    // the line end before the word does not belong to it; unpacking stops where the content does
    return bytes.subarray(start, end)
  }

  /** ISO 32000-2 §7.5.7: pairs of number and place, then the values. */
  #unpackObjects(object: PdfObject): void {
    if (!isDictionary(object.value)) return
    const [count, first] = [Number(object.value.get('N')), Number(object.value.get('First'))]
    const source = textOf(this.unpacked(object))
    const table = new PdfReader(source, 0)
    let spent = 0
    for (let i = 0; i < Math.min(count, MAX_OBJECTS); i++) {
      const [number, at] = [table.value(), table.value()]
      const start = first + Number(at)
      const reader = new PdfReader(source, start)
      const value = this.#object(reader)?.value
      // places may come in any order, but not each object out of the same bytes
      spent += Math.max(0, reader.at - start)
      if (spent > 2 * source.text.length) throw new Fault('limit-exceeded', 'the objects of a stream in the PDF lie over each other')
      if (i % 100 === 0) this.#budget.checkTime()
      if (value !== undefined && typeof number === 'number') this.#set(number, { value })
    }
  }

  #inflate(stream: Uint8Array): Uint8Array {
    const chunks: Uint8Array[] = []
    let size = 0
    const unzlib = new Unzlib((chunk) => {
      size += chunk.length
      this.#account.bytes(chunk.length, size)
      chunks.push(chunk)
    })
    try {
      for (let at = 0; at < stream.length; at += STEP) {
        this.#budget.checkTime()
        unzlib.push(stream.subarray(at, at + STEP), at + STEP >= stream.length)
      }
    } catch (thrown) {
      const fault = asFault(thrown, 'record-malformed')
      throw thrown instanceof Fault ? fault : new Fault('record-malformed', `cannot be unpacked: ${fault.message}`, {}, thrown)
    }
    return concatAll(chunks)
  }
}

export const isDictionary = (value: PdfValue | undefined): value is PdfDictionary => value instanceof Map

export const isReference = (value: PdfValue | undefined): value is { readonly object: number } =>
  typeof value === 'object' && value !== null && 'object' in value

const nameOf = (value: PdfValue | undefined): string => (typeof value === 'object' && value !== null && 'name' in value ? value.name : '')

/** An object, or the trailer, which is a dictionary alone. */
const HEADER = /(?:(?<![0-9])([0-9]{1,10})\s{1,20}[0-9]{1,5}\s{1,20}obj|\btrailer)(?![A-Za-z0-9])/g
const MAX_OBJECTS = 200_000
const FLATE = new Set(['FlateDecode', 'Fl'])

/** One character for each byte; which one, for those above 7Fh, does not matter. */
const textOf = (bytes: Uint8Array): PdfText => ({ bytes, text: new TextDecoder('windows-1252').decode(bytes) })
