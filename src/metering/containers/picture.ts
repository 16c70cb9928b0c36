// What a picture says of itself before anybody decodes it: its size and, for PNG, how much its pixels unpack to. A reader of headers only,
// loaded with the first picture.
import { Unzlib } from 'fflate'
import { asFault, Fault } from '../../base/fault.ts'
import type { Budget } from '../limits.ts'
import { STEP } from './account.ts'
import type { PictureKind } from './picture-kind.ts'

/** @throws Fault `limit-exceeded` for a picture of too many pixels, `record-malformed` where its size cannot be told */
export const checkPicture = (kind: PictureKind, bytes: Uint8Array, budget: Budget): void => {
  const size = SIZES[kind](new DataView(bytes.buffer, bytes.byteOffset, bytes.length))
  if (size === undefined || size.width === 0 || size.height === 0)
    throw new Fault('record-malformed', `the ${kind} picture does not say how large it is`)
  const { pixels } = budget.limits
  if (size.width * size.height > pixels)
    throw new Fault('limit-exceeded', `${size.width} x ${size.height} pixels, the limit is ${pixels} in all`)
  if (kind === 'png') checkPng(bytes, 4 * pixels, budget)
}

interface Size {
  readonly width: number
  readonly height: number
}

const within = (view: DataView, length: number, size: () => Size | undefined): Size | undefined =>
  view.byteLength < length ? undefined : size()

const SIZES: Readonly<Record<PictureKind, (view: DataView) => Size | undefined>> = {
  // the first chunk is IHDR, PNG (ISO 15948) §11.2.2
  png: (view) => within(view, 24, () => ({ width: view.getUint32(16), height: view.getUint32(20) })),
  gif: (view) => within(view, 10, () => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) })),
  // a height below zero is a picture from top to bottom; the oldest header has 16 bits
  bmp: (view) =>
    within(view, 26, () =>
      view.getUint32(14, true) === 12
        ? { width: view.getUint16(18, true), height: view.getUint16(20, true) }
        : { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) },
    ),
  jpeg: (view) => jpegSize(view),
  webp: (view) => within(view, 30, () => WEBP_SIZES[view.getUint32(12)]?.(view)),
}

/** By the name of the first chunk (RFC 9649 §2.5 to §2.7): of one picture with loss, without loss, or of several parts. */
const WEBP_SIZES: Readonly<Record<number, (view: DataView) => Size>> = {
  // VP8 (RFC 6386 §9.1), 14 bits each
  1448097824: (view) => ({ width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }),
  // VP8L, one less than the size in 14 bits each, behind one byte of signature
  1448097868: (view) => ({ width: (view.getUint32(21, true) & 0x3fff) + 1, height: ((view.getUint32(21, true) >>> 14) & 0x3fff) + 1 }),
  // VP8X, one less in 24 bits each
  1448097880: (view) => ({ width: (view.getUint32(24, true) & 0xffffff) + 1, height: (view.getUint32(26, true) >>> 8) + 1 }),
}

/** The frame header, SOF0 to SOF15 without DHT, JPG and DAC (ITU-T T.81 §B.2.2). */
const jpegSize = (view: DataView): Size | undefined => {
  for (let at = 2; at + 9 <= view.byteLength; ) {
    const marker = view.getUint8(at + 1)
    if (view.getUint8(at) !== 0xff) return undefined
    if (marker === 0xff) at += 1
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    else at += marker >= 0xd0 && marker <= 0xd8 ? 2 : 2 + view.getUint16(at + 2)
  }
  return undefined
}

/** Unpacks the pixels and keeps none: a decoder would take whatever comes out. */
const checkPng = (bytes: Uint8Array, limit: number, budget: Budget): void => {
  let size = 0
  const unzlib = new Unzlib((chunk) => {
    size += chunk.length
    if (size > limit) throw new Fault('limit-exceeded', `the picture unpacks to more than ${limit} bytes`)
  })
  try {
    for (const piece of pngData(bytes)) {
      budget.checkTime()
      unzlib.push(piece)
    }
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown
    throw new Fault('record-malformed', `the picture cannot be unpacked: ${asFault(thrown).message}`, {}, thrown)
  }
}

/** The IDAT chunks in steps: length, name, content, checksum (PNG §5.3). */
function* pngData(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at)
    const end = Math.min(at + 8 + length, bytes.length)
    if (view.getUint32(at + 4) === IDAT)
      for (let from = at + 8; from < end; from += STEP) yield bytes.subarray(from, Math.min(from + STEP, end))
    at += 12 + length
  }
}

const IDAT = 0x49444154
