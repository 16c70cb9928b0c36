// The half of a stream's end that receives: bytes in their order for one reader, and the credit that taking them grants. What waits is copied
// into rooms that are used again: a frame is a view of what the socket read, which would be kept whole, and long enough to be old garbage then.
import { Fault } from '../../base/fault.ts'
import { CHUNK_LIMIT } from './frame.ts'

/** Bytes that may be on their way to the reader, or wait for it. */
export const WINDOW = 1024 * 1024
/** Frames that may wait for the reader. */
const FRAMES_WAITING = 1_024
/** Shorter chunks are kept as long as they are, so that many of them take no more room than they should. */
const ROOM_FROM = CHUNK_LIMIT / 2

export class Incoming implements AsyncIterableIterator<Uint8Array> {
  readonly #chunks: Uint8Array[] = []
  #rooms: Uint8Array[] = []
  /** What the reader looks at. */
  #lent: Uint8Array | undefined
  readonly #took: () => void
  readonly #window: () => number
  #received = 0
  #taken = 0
  #limit = 0
  #isEnded = false
  #fault: Fault | undefined
  #waiting: { resolve: (result: IteratorResult<Uint8Array>) => void; reject: (fault: Fault) => void }[] = []

  /**
   * @param took told when the reader has taken something
   * @param window what may be granted beyond what was taken
   */
  constructor(took: () => void, window: () => number) {
    this.#took = took
    this.#window = window
  }

  /** Up to where everything has come; the end counts as one. */
  get received(): number {
    return this.#received
  }

  /** Up to where the reader has taken everything; the end counts as one. */
  get taken(): number {
    return this.#taken
  }

  get isDone(): boolean {
    return this.#isEnded && this.#taken === this.#received
  }

  /** What the other end may be told; telling it is granting it. */
  grant(): { taken: number; limit: number } {
    this.#limit = Math.max(this.#limit, this.#taken + this.#window())
    return { taken: this.#taken, limit: this.#limit }
  }

  /**
   * @returns false where bytes before these are missing
   * @throws Fault `limit-exceeded` for what was not granted
   */
  data(offset: number, chunk: Uint8Array): boolean {
    const end = offset + chunk.length
    if (end <= this.#received) return true
    if (offset !== this.#received) return false
    if (this.#isEnded) throw new Fault('frame-malformed', 'bytes came behind the end')
    if (end > this.#limit) throw new Fault('limit-exceeded', `sent up to ${end}, and only ${this.#limit} was granted`)
    if (this.#chunks.length >= FRAMES_WAITING) throw new Fault('limit-exceeded', `${FRAMES_WAITING} frames wait for the reader already`)
    this.#received = end
    const reader = this.#waiting.shift()
    if (!reader) this.#chunks.push(this.#kept(chunk))
    else {
      this.#takes(chunk.length)
      reader.resolve({ done: false, value: chunk })
    }
    return true
  }

  /** As `data`. */
  fin(offset: number): boolean {
    if (this.#isEnded) return true
    if (offset !== this.#received) return false
    this.#isEnded = true
    this.#received++
    this.#endReading()
    return true
  }

  fail(fault: Fault): void {
    if (this.isDone) return
    this.#fault = fault
    this.#chunks.length = 0
    this.rest()
    for (const reader of this.#waiting.splice(0)) reader.reject(fault)
  }

  /** Nothing came for a while: what is not in use is given back. */
  rest(): void {
    this.#rooms = []
  }

  /** The bytes are there until the next are asked for. */
  next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#lent?.buffer.byteLength === CHUNK_LIMIT) this.#rooms.push(new Uint8Array(this.#lent.buffer))
    this.#lent = undefined
    if (this.#fault) return Promise.reject(this.#fault)
    const chunk = this.#chunks.shift()
    if (chunk) {
      this.#lent = chunk
      this.#takes(chunk.length)
      this.#endReading()
      return Promise.resolve({ done: false, value: chunk })
    }
    if (this.isDone) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #kept(chunk: Uint8Array): Uint8Array {
    if (chunk.length < ROOM_FROM) return chunk.slice()
    const room = this.#rooms.pop() ?? new Uint8Array(CHUNK_LIMIT)
    room.set(chunk)
    return room.subarray(0, chunk.length)
  }

  #takes(bytes: number): void {
    this.#taken += bytes
    this.#took()
  }

  /** Behind the last byte nothing is left to read: the end is taken with it. */
  #endReading(): void {
    if (!this.#isEnded || this.#chunks.length > 0 || this.isDone) return
    this.#takes(1)
    for (const reader of this.#waiting.splice(0)) reader.resolve({ done: true, value: undefined })
  }
}
