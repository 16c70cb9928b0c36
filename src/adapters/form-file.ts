// The file in a body of multipart/form-data (RFC 7578, RFC 2046 §5.1), taken out while it comes: some stations send their logs so. One file;
// other fields are passed over. What the file is worth is not known here.
import { Fault } from '../base/fault.ts'

/** Of one part; a name and a type fit many times. */
const HEAD_MOST = 4_096
const HEAD_END = '\r\n\r\n'

/** What separates the parts; nothing where the body is no form. */
export const boundaryOf = (contentType: string | undefined): string | undefined => {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType ?? '') ?? []
  return quoted ?? plain
}

export class FormFile {
  /** As the form says it, once its part has begun. */
  name: string | undefined
  readonly #delimiter: Buffer
  // the first delimiter has no line before it
  #held: Buffer = Buffer.from('\r\n')
  #state: 'between' | 'head' | 'file' | 'over' = 'between'

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  }

  /** The bytes of the file. Rejects with Fault `payload-invalid` where the form is broken, or holds no file or two. */
  async *in(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of body) {
      this.#held = Buffer.concat([this.#held, part])
      for (let found = this.#next(); found !== undefined; found = this.#next()) if (found.length > 0) yield found
    }
    if (this.#state !== 'over' || this.name === undefined) throw broken('no file, or no end')
  }

  /** The bytes of the file that are known to be its own; nothing where more must come before there is anything to say. */
  #next(): Uint8Array | undefined {
    if (this.#state === 'over') return undefined
    if (this.#state === 'head') return this.#head()
    const at = this.#held.indexOf(this.#delimiter)
    // what follows a delimiter says whether it was the last
    if (at >= 0 && this.#held.length < at + this.#delimiter.length + 2) return at > 0 ? this.#take(at) : undefined
    if (at < 0) {
      const sure = this.#held.length - this.#delimiter.length + 1
      return sure > 0 ? this.#take(sure) : undefined
    }
    const bytes = this.#take(at)
    const after = this.#held.toString('latin1', this.#delimiter.length, this.#delimiter.length + 2)
    if (after !== '--' && after !== '\r\n') throw broken('a line that is no delimiter')
    this.#state = after === '--' ? 'over' : 'head'
    // the head begins with the end of the delimiter's line, so that an empty one ends as the others
    this.#held = this.#held.subarray(this.#delimiter.length)
    return bytes
  }

  /** Moves on by so many bytes; gives them where they are the file's. */
  #take(length: number): Uint8Array {
    const bytes = this.#held.subarray(0, length)
    this.#held = this.#held.subarray(length)
    return this.#state === 'file' ? bytes : new Uint8Array()
  }

  #head(): Uint8Array | undefined {
    const end = this.#held.indexOf(HEAD_END)
    if (end > HEAD_MOST || (end < 0 && this.#held.length > HEAD_MOST)) throw broken(`a head of more than ${HEAD_MOST} bytes`)
    if (end < 0) return undefined
    const [, name] = /^content-disposition:[^\r\n]*;\s*filename="?([^"\r\n;]*)/im.exec(this.#held.toString('utf8', 0, end)) ?? []
    if (name !== undefined && this.name !== undefined) throw broken('two files')
    if (name !== undefined) this.name = name
    this.#state = name === undefined ? 'between' : 'file'
    this.#held = this.#held.subarray(end + HEAD_END.length)
    return new Uint8Array()
  }
}

const broken = (what: string): Fault => new Fault('payload-invalid', `expected a form with one file, found ${what}`)
