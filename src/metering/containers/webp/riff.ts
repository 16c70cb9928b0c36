// The chunks of a WebP (RFC 9649 §2): which of them is the picture, how large it is, and where its transparency stands. Decodes nothing.
import { Fault } from '../../../base/fault.ts'

/** The one picture of the file, or the first of an animation. */
export interface Still {
  readonly width: number
  readonly height: number
  /** Content of its chunk. */
  readonly data: Uint8Array
  readonly lossless: boolean
  /** Content of the chunk with its transparency; a picture without loss holds its own. */
  readonly alpha: Uint8Array | undefined
}

/** @throws Fault `record-malformed` where no whole picture is in it, or one of another size than the file says */
export const stillOf = (bytes: Uint8Array): Still => {
  const chunks = [...chunksIn(bytes.subarray(FILE_HEADER))]
  const [first] = chunks
  if (first?.name !== 'VP8X') return pictureIn(chunks.slice(0, 1))
  const canvas = sizeAt(first.data, 4)
  const frame = chunks.find(({ name }) => name === 'ANMF')
  const [still, said] =
    frame === undefined ? [pictureIn(chunks), canvas] : [pictureIn([...chunksIn(frame.data.subarray(FRAME_HEADER))]), sizeAt(frame.data, 6)]
  const fits = said.width <= canvas.width && said.height <= canvas.height
  if (!fits || said.width !== still.width || said.height !== still.height)
    throw new Fault('record-malformed', `the picture is ${still.width} x ${still.height}, and the file says something else`)
  return still
}

/** `RIFF`, a size and `WEBP`; what stands before the chunks of one picture of an animation. */
const FILE_HEADER = 12
const FRAME_HEADER = 16

interface Chunk {
  readonly name: string
  readonly data: Uint8Array
}

function* chunksIn(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true)
    if (at + 8 + size > bytes.length) throw new Fault('record-malformed', 'the picture is cut off')
    yield { name: String.fromCharCode(...bytes.subarray(at, at + 4)), data: bytes.subarray(at + 8, at + 8 + size) }
    at += 8 + size + (size % 2)
  }
}

const pictureIn = (chunks: readonly Chunk[]): Still => {
  const found = chunks.find(({ name }) => name === 'VP8 ' || name === 'VP8L')
  if (found === undefined || found.data.length < 10) throw new Fault('record-malformed', 'there is no picture in the WebP')
  const { name, data } = found
  const lossless = name === 'VP8L'
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  const bits = view.getUint32(1, true)
  // one less than the size in 14 bits each; RFC 6386 §9.1: 14 bits each, the others say how to enlarge it
  const size = lossless
    ? { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    : { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff }
  return { ...size, data, lossless, alpha: lossless ? undefined : chunks.find((chunk) => chunk.name === 'ALPH')?.data }
}

/** One less in 24 bits each (RFC 9649 §2.7). */
const sizeAt = (data: Uint8Array, at: number): { readonly width: number; readonly height: number } => {
  const number = (from: number): number => (data[from] ?? 0) + ((data[from + 1] ?? 0) << 8) + ((data[from + 2] ?? 0) << 16) + 1
  return { width: number(at), height: number(at + 3) }
}
