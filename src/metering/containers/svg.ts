// QR codes drawn in SVG: squares of one size, as rectangles, as filled paths or as rows that are one module high. They are drawn onto a
// grid with one pixel for each module; anything else that SVG can do is not read.
import { Fault } from '../../base/fault.ts'
import type { Pixels } from '../container.ts'
import type { Content } from '../content.ts'
import type { Budget } from '../limits.ts'
import { elementsNamed, readXml, type XmlElement } from '../xml.ts'

/** @throws Fault `record-malformed`, or `limit-exceeded` */
export const svgPicture = ({ text = '' }: Content, budget: Budget): Pixels => {
  const root = readXml(text)
  const { width, height } = sizeOf(root)
  if (width * height * SCALE * SCALE > budget.limits.pixels)
    throw new Fault('limit-exceeded', `${width} x ${height} units, the limit is ${budget.limits.pixels / (SCALE * SCALE)} in all`)
  const canvas = new Canvas(width, height)
  for (const element of elementsNamed(root, 'svg')
    .flatMap(({ children }) => children)
    .flatMap(drawn)) {
    const dark = isDark(element)
    for (const area of areasOf(element)) {
      budget.checkTime()
      canvas.fill(area, dark)
    }
  }
  return canvas.pixels
}

interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Pixels for each unit of the drawing: a code needs a few for each module. */
const SCALE = 4

/** As the machine reads red, green, blue and alpha as one number. */
const [BLACK = 0, WHITE = 0] = new Uint32Array(Uint8Array.of(0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff).buffer)

class Canvas {
  readonly pixels: Pixels
  /** The same memory, a number for each pixel: a drawing may fill all of it a hundred thousand times. */
  readonly #dots: Uint32Array<ArrayBuffer>

  constructor(width: number, height: number) {
    const [w, h] = [Math.ceil(width * SCALE), Math.ceil(height * SCALE)]
    this.#dots = new Uint32Array(w * h).fill(WHITE)
    this.pixels = { data: new Uint8ClampedArray(this.#dots.buffer), width: w, height: h }
  }

  fill(area: Area, dark: boolean): void {
    const { width, height } = this.pixels
    const clip = (value: number, most: number): number => Math.max(0, Math.min(most, Math.round(value * SCALE)))
    const [left, right] = [clip(area.x, width), clip(area.x + area.width, width)]
    const bottom = clip(area.y + area.height, height)
    for (let y = clip(area.y, height); y < bottom; y++) this.#dots.fill(dark ? BLACK : WHITE, y * width + left, y * width + right)
  }
}

const sizeOf = ({ attributes }: XmlElement): { width: number; height: number } => {
  const box = attributes
    .get('viewBox')
    ?.trim()
    .split(/[\s,]+/)
    .map(Number)
  const [width, height] = [box?.[2] ?? numberIn(attributes, 'width'), box?.[3] ?? numberIn(attributes, 'height')]
  if (!(width > 0 && height > 0 && width < 65_536 && height < 65_536)) throw malformed('its size')
  return { width, height }
}

/** Groups hold what they hold; the rest is drawn or ignored. */
const drawn = (element: XmlElement): XmlElement[] => (element.name === 'g' ? element.children.flatMap(drawn) : [element])

const isDark = ({ attributes }: XmlElement): boolean => {
  const colour = (attributes.get('stroke') ?? attributes.get('fill') ?? '#000').toLowerCase()
  return !/^(?:#fff|#ffffff|white|none|transparent|rgb\(255, ?255, ?255\))$/.test(colour)
}

const areasOf = (element: XmlElement): Area[] => {
  const { attributes } = element
  if (element.name === 'rect') {
    const [x, y] = [numberIn(attributes, 'x', 0), numberIn(attributes, 'y', 0)]
    return [{ x, y, width: numberIn(attributes, 'width'), height: numberIn(attributes, 'height') }]
  }
  if (element.name !== 'path') return []
  const moves = attributes.get('d') ?? ''
  return attributes.has('stroke') ? rowsOf(moves, Number(attributes.get('stroke-width') ?? 1)) : boxesOf(moves)
}

interface Step {
  readonly command: string
  readonly numbers: readonly number[]
}

const MAX_STEPS = 100_000

const stepsOf = (moves: string): Step[] => {
  const steps: Step[] = []
  for (const [, command = '', rest = ''] of moves.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    if (!'MmHhVvZzLl'.includes(command)) throw malformed('a path of straight lines')
    steps.push({ command, numbers: (rest.match(/[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)/g) ?? []).map(Number) })
    if (steps.length > MAX_STEPS) throw new Fault('limit-exceeded', `more than ${MAX_STEPS} steps in a path`)
  }
  return steps
}

/** Where the pen is after a step; a letter in lower case is relative (SVG 2 §9.3). */
const after = ({ command, numbers: [a = 0, b = 0] }: Step, { x, y }: { x: number; y: number }): { x: number; y: number } => {
  const from = command === command.toLowerCase() ? { x, y } : { x: 0, y: 0 }
  if (command === 'H' || command === 'h') return { x: from.x + a, y }
  if (command === 'V' || command === 'v') return { x, y: from.y + a }
  return { x: from.x + a, y: from.y + b }
}

/** Lines to the right, as thick as the stroke. */
const rowsOf = (moves: string, thick: number): Area[] => {
  let pen = { x: 0, y: 0 }
  return stepsOf(moves).flatMap((step): Area[] => {
    const from = pen
    pen = after(step, pen)
    if (step.command !== 'h' && step.command !== 'H') return []
    return [{ x: Math.min(from.x, pen.x), y: from.y - thick / 2, width: Math.abs(pen.x - from.x), height: thick }]
  })
}

/** Closed paths, each read as the box around it: that is what it is where a module is a square. */
const boxesOf = (moves: string): Area[] => {
  const areas: Area[] = []
  let pen = { x: 0, y: 0 }
  let corners: { x: number; y: number }[] = []
  for (const step of stepsOf(moves)) {
    if ('Zz'.includes(step.command)) {
      const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)]
      const [x, y] = [Math.min(...xs), Math.min(...ys)]
      if (corners.length > 0) areas.push({ x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y })
      pen = corners[0] ?? pen
      corners = []
      continue
    }
    pen = after(step, pen)
    corners = 'Mm'.includes(step.command) ? [pen] : [...corners.slice(-MAX_CORNERS), pen]
  }
  return areas
}

/** A box has four corners and comes back to the first. */
const MAX_CORNERS = 8

const numberIn = (attributes: XmlElement['attributes'], name: string, otherwise = Number.NaN): number => {
  const number = Number.parseFloat(attributes.get(name) ?? String(otherwise))
  if (!Number.isFinite(number)) throw malformed(`a number as ${name}`)
  return number
}

const malformed = (expected: string): Fault => new Fault('record-malformed', `the drawing cannot be read as a code: expected ${expected}`)
