// Reads pieces of known length from bytes that come in pieces of any length, into one buffer: a gibibyte leaves no garbage of its size.
import { Fault } from '../../base/fault.ts'

export class ByteReader {
  readonly #from: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)
  #buffer = new Uint8Array(0)

  constructor(from: AsyncIterable<Uint8Array>) {
    this.#from = from[Symbol.asyncIterator]()
  }

  /** The next bytes, so many; they are there until the next are taken. Throws Fault `link-lost` where there are fewer, and what the source throws. */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(length)
    const bytes = this.#buffer.subarray(0, length)
    for (let at = 0; at < length; ) {
      if (this.#rest.length === 0) await this.#more()
      const part = this.#rest.subarray(0, length - at)
      bytes.set(part, at)
      at += part.length
      this.#rest = this.#rest.subarray(part.length)
    }
    return bytes
  }

  /** Waits for the end. Throws Fault `limit-exceeded` where more comes, and what the source throws. */
  async end(): Promise<void> {
    const { done = false } = this.#rest.length > 0 ? {} : await this.#from.next()
    if (!done) throw new Fault('limit-exceeded', 'more came than was asked for')
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#from.next()
    if (done) throw new Fault('link-lost', 'the stream ended before everything was there')
    this.#rest = value
  }
}
