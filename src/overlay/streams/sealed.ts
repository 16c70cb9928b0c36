// A stream that only its two ends can read or write: records of AES-256-GCM in the bytes of another stream, the last one empty, so that
// nothing can be changed, left out or cut off on the way (docs/protocol.md §11.7).
import { base64url, concat, unbase64url, utf8 } from '../../base/bytes.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { ChannelKeys, RecordCipher } from '../../crypto/channel.ts'
import { TAG_BYTES } from '../../crypto/channel.ts'
import { CHUNK_LIMIT } from './frame.ts'
import type { ByteStream, StreamClass } from './stream.ts'

/** Of the length before each record. */
const LENGTH_BYTES = 2
/** Plain bytes of a record, so that a record is a frame. */
const RECORD_LIMIT = CHUNK_LIMIT - LENGTH_BYTES - TAG_BYTES

/** What the keys are bound to besides the shares: the RFC 8785 form of it. */
export const sealingInfo = (stream: { id: string; purpose: string; asked: string; answered: string }): Uint8Array =>
  utf8(canonicalJson({ typ: 'org.chargeproof.stream.1', ...stream }))

export const writeShare = (share: Uint8Array): string => base64url(share)
/** @throws Fault `payload-invalid` */
export const readShare = (text: unknown): Uint8Array => {
  try {
    if (typeof text === 'string' && text.length <= 128) return unbase64url(text)
  } catch (error) {
    throw new Fault('payload-invalid', `the share of the stream: ${asFault(error).message}`)
  }
  throw new Fault('payload-invalid', 'expected base64url as share of the stream')
}

export class SealedStream implements ByteStream {
  readonly received: AsyncIterable<Uint8Array>
  readonly #inner: ByteStream
  readonly #out: RecordCipher
  readonly #in: RecordCipher
  #sealed = 0
  /** Where records end that were not delivered yet: in the stream under it, and in plain bytes. */
  readonly #ends: { readonly under: number; readonly plain: number }[] = []
  #under = 0
  #plain = 0
  #delivered = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(inner: ByteStream, keys: ChannelKeys, isOpener: boolean) {
    this.#inner = inner
    this.#out = isOpener ? keys.asked : keys.answered
    this.#in = isOpener ? keys.answered : keys.asked
    this.received = this.#opened()
  }

  get id(): string {
    return this.#inner.id
  }

  get class(): StreamClass {
    return this.#inner.class
  }

  get peer(): string {
    return this.#inner.peer
  }

  get delivered(): number {
    for (let next = this.#ends[0]; next && next.under <= this.#inner.delivered; next = this.#ends[0]) {
      this.#delivered = next.plain
      this.#ends.shift()
    }
    return this.#delivered
  }

  write(bytes: Uint8Array): Promise<void> {
    const written = this.#writing.then(async () => {
      for (let at = 0; at < bytes.length; at += RECORD_LIMIT) await this.#record(bytes.subarray(at, at + RECORD_LIMIT))
    })
    this.#writing = written.catch(() => undefined)
    return written
  }

  async end(): Promise<void> {
    await this.#writing
    await this.#record(new Uint8Array(0))
    await this.#inner.end()
  }

  reset(fault: Fault): void {
    this.#inner.reset(fault)
  }

  async #record(plain: Uint8Array): Promise<void> {
    const sealed = await this.#out.seal(this.#sealed++, plain)
    const record = concat(Uint8Array.of(sealed.length >> 8, sealed.length & 255), sealed)
    this.#under += record.length
    this.#plain += plain.length
    this.#ends.push({ under: this.#under, plain: this.#plain })
    if (this.#ends.length > 128) void this.delivered
    await this.#inner.write(record)
  }

  async *#opened(): AsyncGenerator<Uint8Array> {
    let opened = 0
    for await (const sealed of this.#records()) {
      const plain = await this.#orReset(this.#in.open(opened++, sealed))
      if (plain.length === 0) return
      yield plain
    }
    await this.#orReset(Promise.reject(new Fault('decryption-failed', 'the stream was cut off before its end')))
  }

  /** The stream under it, cut into records. */
  async *#records(): AsyncGenerator<Uint8Array> {
    let rest: Uint8Array = new Uint8Array(0)
    for await (const part of this.#inner.received) {
      rest = rest.length === 0 ? part : concat(rest, part)
      for (let end = endOf(rest); end <= rest.length; end = endOf(rest)) {
        yield rest.subarray(LENGTH_BYTES, end)
        rest = rest.subarray(end)
      }
      // what was handed out is there until the next is asked for
      rest = rest.slice()
    }
  }

  async #orReset<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      this.#inner.reset(asFault(error))
      throw error
    }
  }
}

/** Where the first record ends; beyond everything where its length has not come yet. */
const endOf = (bytes: Uint8Array): number =>
  bytes.length < LENGTH_BYTES ? Number.POSITIVE_INFINITY : LENGTH_BYTES + ((bytes[0] as number) << 8) + (bytes[1] as number)
