// The half of a stream's end that sends: bytes become frames, and each is kept until the other end has taken it, so that it can be sent
// again over another way. At most one window is kept, in rooms that are used again: a gibibyte leaves no garbage of its size.
import { Fault } from '../../base/fault.ts'
import { beginData, CHUNK_LIMIT, HEADER, LONGEST_FRAME, writeFin } from './frame.ts'

/** Bytes that are kept for the other end. */
export const KEPT = 1024 * 1024
/** Frames on their way at once, so that many small ones are no burden to a hop. */
const FRAMES_UNDER_WAY = 512
/** Room of a frame that is begun with few bytes, for more to come. */
const SMALLEST_ROOM = 1_024

/** Bytes that go in one frame, and the frame itself. */
interface Piece {
  readonly offset: number
  readonly frame: Uint8Array
  /** Bytes behind the header. */
  length: number
  /** What it was sent as, it is sent as again. */
  isSent: boolean
  /** The other end has it only once these bytes have left every socket; not so where they went into one that broke. */
  isReusable: boolean
}

export class Outgoing {
  readonly #id: string
  /** From the first byte that was not taken. */
  #pieces: Piece[] = []
  /** Rooms of frames that the other end has taken. */
  #rooms: Uint8Array[] = []
  /** Index of the piece that goes next. */
  #next = 0
  #written = 0
  #taken = 0
  #limit = 0
  #isEnded = false
  #isEndSent = false

  constructor(id: string) {
    this.#id = id
  }

  /** Bytes that the other end has taken. */
  get delivered(): number {
    return Math.min(this.#taken, this.#written)
  }

  /** Whether the other end has taken everything, the end included. */
  get isDone(): boolean {
    return this.#isEnded && this.#taken > this.#written
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  get waiting(): number {
    return this.#pieces.slice(this.#next).reduce((sum, { length }) => sum + length, 0)
  }

  get credit(): number {
    return Math.max(0, this.#limit - this.#written)
  }

  /**
   * Copies as many bytes as there is room for, and says how many.
   * @param most that may be kept, if less than usual
   */
  append(bytes: Uint8Array, most = KEPT): number {
    const room = Math.max(0, Math.min(KEPT, most) - (this.#written - this.#taken))
    const rest = bytes.subarray(0, room)
    let at = 0
    while (at < rest.length) at += this.#piece(rest.length - at, rest.subarray(at))
    return rest.length
  }

  end(): void {
    this.#isEnded = true
  }

  /** Bytes of the next frame; 0 where there is none or no credit for it. */
  get ready(): number {
    const piece = this.#pieces[this.#next]
    if (!piece) return this.#isEnded && !this.#isEndSent ? HEADER : 0
    if (this.#next >= FRAMES_UNDER_WAY || piece.offset + piece.length > this.#limit) return 0
    return HEADER + piece.length
  }

  take(): Uint8Array {
    const piece = this.#pieces[this.#next]
    if (!piece) {
      this.#isEndSent = true
      return writeFin(this.#id, this.#written)
    }
    this.#next++
    piece.isSent = true
    return piece.frame.subarray(0, HEADER + piece.length)
  }

  /** @throws Fault `frame-malformed` where the other end has taken what was never sent */
  credited(taken: number, limit: number): void {
    const sent = this.#sent()
    if (taken > sent) throw new Fault('frame-malformed', `the other end has taken ${taken}, and ${sent} was sent`)
    this.#limit = Math.max(this.#limit, limit)
    if (taken <= this.#taken) return
    this.#taken = taken
    let done = 0
    for (const { offset, length } of this.#pieces) if (offset + length <= taken) done++
    for (const { frame, isReusable } of this.#pieces.splice(0, done))
      if (isReusable && frame.length === LONGEST_FRAME) this.#rooms.push(frame)
    this.#next -= Math.min(done, this.#next)
  }

  /** Nothing was written for a while: what is not in use is given back. */
  rest(): void {
    this.#rooms = []
  }

  /**
   * Over another way, from where the other end has got to. Credit is given anew there.
   * @throws Fault `frame-malformed` where the other end cannot be there
   */
  resume(received: number): void {
    const sent = this.#sent()
    const next = this.#pieces.findIndex(({ offset }) => offset === received)
    const isAtEnd = received === this.#written || received === this.#written + 1
    if (received > sent || received < this.#taken || (next < 0 && !isAtEnd))
      throw new Fault('frame-malformed', `the other end says it has received ${received}, and ${sent} was sent`)
    this.#next = next < 0 ? this.#pieces.length : next
    for (const piece of this.#pieces) piece.isReusable = false
    this.#isEndSent = received > this.#written
    this.#limit = 0
  }

  /** Behind the last byte that was sent; the end counts as one. */
  #sent(): number {
    if (this.#isEndSent) return this.#written + 1
    return this.#pieces[this.#next]?.offset ?? this.#written
  }

  /** Puts bytes into the last piece where it was not sent yet, or into a new one. */
  #piece(wanted: number, bytes: Uint8Array): number {
    const last = this.#pieces.at(-1)
    const open = last && !last.isSent && HEADER + last.length < last.frame.length ? last : this.#begin(wanted)
    const part = bytes.subarray(0, open.frame.length - HEADER - open.length)
    open.frame.set(part, HEADER + open.length)
    open.length += part.length
    this.#written += part.length
    return part.length
  }

  #begin(wanted: number): Piece {
    const size = HEADER + Math.min(CHUNK_LIMIT, Math.max(SMALLEST_ROOM, wanted))
    const frame = (size === LONGEST_FRAME && this.#rooms.pop()) || new Uint8Array(size)
    beginData(frame, this.#id, this.#written)
    const piece = { offset: this.#written, frame, length: 0, isSent: false, isReusable: true }
    this.#pieces.push(piece)
    return piece
  }
}
