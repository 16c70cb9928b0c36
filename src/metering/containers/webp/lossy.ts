// Pictures with loss (VP8 key frames, RFC 6386), as shades of grey: colours are skipped, and edges between blocks are not smoothed, which
// no code needs and nothing in the picture depends on.
import type { Budget } from '../../limits.ts'
import { addBlock, predict4, predict16 } from './lossy-blocks.ts'
import { type Block, frameOf } from './lossy-frame.ts'
import { Residue } from './lossy-residue.ts'
import type { Still } from './riff.ts'

/** A shade for each pixel. @throws Fault `record-malformed`, `limit-exceeded` */
export const greyPicture = ({ data, width, height }: Still, budget: Budget): Uint8Array => {
  const frame = frameOf(data)
  const [across, down] = [(width + 15) >> 4, (height + 15) >> 4]
  const plane = new Plane(across, down)
  const residue = new Residue(frame, across)
  for (let row = 0; row < down; row++) {
    budget.checkTime()
    const blocks = frame.modes.row(across)
    residue.row(row)
    blocks.forEach((block, column) => {
      plane.add(block, { row, column, last: column === across - 1 }, residue.of(block, column))
    })
  }
  return plane.cut(width, height)
}

interface Place {
  readonly row: number
  readonly column: number
  /** Of its row. */
  readonly last: boolean
}

/** The shades with one more row on top and some columns around: what is predicted from outside of the picture (§12.2, §12.3). */
class Plane {
  readonly #across: number
  readonly #shades: Uint8Array

  constructor(across: number, down: number) {
    this.#across = 16 * across + LEFT + RIGHT
    this.#shades = new Uint8Array(this.#across * (16 * down + 1)).fill(LEFT_SHADE)
    this.#shades.fill(TOP_SHADE, 0, this.#across)
  }

  add({ mode, modes, hasCoefficients }: Block, { row, column, last }: Place, residue: Int16Array): void {
    const picture = { shades: this.#shades, across: this.#across }
    const at = (16 * row + 1) * this.#across + 16 * column + LEFT
    if (modes === undefined) {
      predict16(picture, at, { mode, hasTop: row > 0, hasLeft: column > 0 })
      if (hasCoefficients) for (let block = 0; block < 16; block++) addBlock(picture, this.#of(at, block), residue.subarray(16 * block))
      return
    }
    const corner = this.#beyond(at, { row, last })
    modes.forEach((each, block) => {
      const place = this.#of(at, block)
      const isRight = block % 4 === 3
      predict4(picture, place, each, isRight ? corner : this.#shades.subarray(place - this.#across + 4, place - this.#across + 8))
      if (hasCoefficients) addBlock(picture, place, residue.subarray(16 * block))
    })
  }

  #of(at: number, block: number): number {
    return at + 4 * (block >> 2) * this.#across + 4 * (block % 4)
  }

  /** The four shades on top and to the right of a macroblock, for all four of its rows; behind the last one its last shade stands for them. */
  #beyond(at: number, { row, last }: Pick<Place, 'row' | 'last'>): Uint8Array {
    const from = at - this.#across + 16
    if (last && row > 0) return new Uint8Array(4).fill(this.#shades[from - 1] ?? 0)
    return this.#shades.slice(from, from + 4)
  }

  cut(width: number, height: number): Uint8Array {
    const made = new Uint8Array(width * height)
    for (let y = 0; y < height; y++) {
      const from = (y + 1) * this.#across + LEFT
      made.set(this.#shades.subarray(from, from + width), y * width)
    }
    return made
  }
}

const LEFT = 1
const RIGHT = 4
const TOP_SHADE = 127
const LEFT_SHADE = 129
