// What pictures without loss did to their pixels before they were written, undone (RFC 9649 §3.5): predicted from neighbours, colours
// without what another told, a table of colours.

export interface Transform {
  /** 0 predicted, 1 colours, 2 green, 3 a table. */
  readonly kind: number
  /** Of the picture before it. */
  readonly width: number
  /** Of the size of a tile; of a table, how many pixels share one, as a power of two. */
  readonly bits: number
  /** A number for each tile, or the table. */
  readonly data: Uint32Array
}

type Pixels = Uint32Array<ArrayBuffer>

/** The pixels as they were before; the same array wherever that is possible. */
export const undone = (pixels: Pixels, transform: Transform, height: number): Pixels => {
  if (transform.kind === 0) return unpredicted(pixels, transform)
  if (transform.kind === 1) return recoloured(pixels, transform)
  return transform.kind === 2 ? greened(pixels) : fromTable(pixels, transform, height)
}

const tileOf = ({ width, bits, data }: Transform, at: number): number => {
  const [x, y] = [at % width, Math.floor(at / width)]
  return data[(y >> bits) * ((width + (1 << bits) - 1) >> bits) + (x >> bits)] ?? 0
}

const unpredicted = (pixels: Pixels, transform: Transform): Pixels => {
  const { width } = transform
  const at = (place: number): number => pixels[place] ?? 0
  for (let place = 0; place < pixels.length; place++) {
    const [left, top] = [place % width > 0, place >= width]
    const mode = left && top ? (tileOf(transform, place) >>> 8) & 15 : left ? LEFT : top ? TOP : BLACK
    pixels[place] = sum(
      at(place),
      (PREDICTED[mode] ?? black)(at(place - 1), at(place - width), at(place - width - 1), at(place - width + 1)),
    )
  }
  return pixels
}

const BLACK = 0
const LEFT = 1
const TOP = 2
const black = (): number => 0xff000000

/** From the pixels to the left, on top, and to both sides of that (§3.5.1). */
const PREDICTED: readonly ((l: number, t: number, tl: number, tr: number) => number)[] = [
  black,
  (l) => l,
  (_, t) => t,
  (_l, _t, _tl, tr) => tr,
  (_l, _t, tl) => tl,
  (l, t, _, tr) => mean(mean(l, tr), t),
  (l, _, tl) => mean(l, tl),
  (l, t) => mean(l, t),
  (_, t, tl) => mean(tl, t),
  (_l, t, _tl, tr) => mean(t, tr),
  (l, t, tl, tr) => mean(mean(l, tl), mean(t, tr)),
  (l, t, tl) => (distance(t, tl) < distance(l, tl) ? l : t),
  (l, t, tl) => eachPart(wholly, l, t, tl),
  (l, t, tl) => eachPart(halfway, mean(l, t), 0, tl),
]

const wholly = (l: number, t: number, tl: number): number => l + t - tl
const halfway = (middle: number, _: number, tl: number): number => middle + Math.trunc((middle - tl) / 2)

const part = (pixel: number, shift: number): number => (pixel >>> shift) & 0xff

/** What becomes of each part of three pixels, kept within a byte. */
const eachPart = (become: typeof wholly, a: number, b: number, c: number): number => {
  let pixel = 0
  for (let shift = 24; shift >= 0; shift -= 8) {
    const value = become(part(a, shift), part(b, shift), part(c, shift))
    pixel |= (value < 0 ? 0 : value > 255 ? 255 : value) << shift
  }
  return pixel >>> 0
}

const mean = (a: number, b: number): number => ((((a ^ b) & 0xfefefefe) >>> 1) + (a & b)) >>> 0

const distance = (a: number, b: number): number => {
  let total = 0
  for (let shift = 24; shift >= 0; shift -= 8) total += Math.abs(part(a, shift) - part(b, shift))
  return total
}

/** Part by part, modulo 256. */
const sum = (a: number, b: number): number =>
  ((((a & 0xff00ff00) + (b & 0xff00ff00)) & 0xff00ff00) | (((a & 0x00ff00ff) + (b & 0x00ff00ff)) & 0x00ff00ff)) >>> 0

/** §3.5.2. */
const recoloured = (pixels: Pixels, transform: Transform): Pixels =>
  pixels.map((pixel, at) => {
    const tile = tileOf(transform, at)
    const green = signed(pixel >>> 8)
    const red = (part(pixel, 16) + told(tile, green)) & 0xff
    const blue = (part(pixel, 0) + told(tile >>> 8, green) + told(tile >>> 16, signed(red))) & 0xff
    return ((pixel & 0xff00ff00) | (red << 16) | blue) >>> 0
  })

const signed = (byte: number): number => (byte << 24) >> 24

/** How much of a colour another one told. */
const told = (factor: number, colour: number): number => (signed(factor) * colour) >> 5

/** §3.5.3. */
const greened = (pixels: Pixels): Pixels =>
  pixels.map((pixel) => {
    const green = part(pixel, 8)
    return ((pixel & 0xff00ff00) | (((pixel & 0x00ff00ff) + (green << 16) + green) & 0x00ff00ff)) >>> 0
  })

/** §3.5.4: each colour of the table is told as what it adds to the one before. A number outside of it is transparent. */
const fromTable = (pixels: Pixels, { width, bits, data }: Transform, height: number): Pixels => {
  const table = new Uint32Array(256)
  data.reduce((before, colour, index) => {
    const whole = sum(before, colour)
    table[index] = whole
    return whole
  }, 0)
  const across = (width + (1 << bits) - 1) >> bits
  const each = 8 >> bits
  const made = new Uint32Array(width * height)
  for (let at = 0; at < made.length; at++) {
    const x = at % width
    const packed = part(pixels[Math.floor(at / width) * across + (x >> bits)] ?? 0, 8)
    made[at] = table[(packed >> ((x & ((1 << bits) - 1)) * each)) & ((1 << each) - 1)] ?? 0
  }
  return made
}
