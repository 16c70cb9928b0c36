// A page of paper that is written from top to bottom: text that wraps, pairs, rows and rules, and what it has no room for is told to the
// one who writes. Knows nothing of charging.
import { type PDFDocument, type PDFFont, type PDFPage, type RGB, rgb, StandardFonts } from '@cantoo/pdf-lib'
import { inLetters } from './letters.ts'

/** Points, 1/72 inch. ISO 216 A4. */
const PAGE = { width: 595.28, height: 841.89, margin: 48 } as const

export const INK = {
  text: rgb(0.09, 0.13, 0.17),
  quiet: rgb(0.32, 0.38, 0.44),
  good: rgb(0.07, 0.43, 0.23),
  warn: rgb(0.54, 0.31, 0),
  bad: rgb(0.68, 0.09, 0.1),
}

export interface Style {
  readonly size?: number
  readonly bold?: boolean
  readonly mono?: boolean
  readonly ink?: RGB
}

interface Fonts {
  readonly plain: PDFFont
  readonly bold: PDFFont
  readonly mono: PDFFont
}

export class Sheet {
  readonly #page: PDFPage
  readonly #fonts: Fonts
  /** What the fonts of every PDF reader can show (Windows-1252). */
  readonly #known: ReadonlySet<number>
  #changed = false
  /** Where the next line ends, from below. */
  #y = PAGE.height - PAGE.margin
  readonly #floor: number

  private constructor(page: PDFPage, fonts: Fonts, foot: number) {
    this.#page = page
    this.#fonts = fonts
    this.#known = new Set(fonts.plain.getCharacterSet())
    this.#floor = PAGE.margin + foot
  }

  /** @param foot points that are kept free for the last lines, which `foot` writes */
  static async open(document: PDFDocument, foot: number): Promise<Sheet> {
    const [plain, bold, mono] = await Promise.all(
      [StandardFonts.Helvetica, StandardFonts.HelveticaBold, StandardFonts.Courier].map((font) => document.embedFont(font)),
    )
    if (!plain || !bold || !mono) throw new RangeError('expected three fonts')
    return new Sheet(document.addPage([PAGE.width, PAGE.height]), { plain, bold, mono }, foot)
  }

  /** Points left above the foot. */
  get room(): number {
    return this.#y - this.#floor
  }

  space(points: number): void {
    this.#y -= points
  }

  rule(): void {
    this.#y -= 4
    this.#page.drawLine({
      start: { x: PAGE.margin, y: this.#y },
      end: { x: PAGE.width - PAGE.margin, y: this.#y },
      thickness: 0.5,
      color: INK.quiet,
    })
    this.#y -= 6
  }

  /** Wraps; false, and nothing is written, where there is no room for all of it. */
  paragraph(text: string, style: Style = {}): boolean {
    const lines = this.#wrapped(text, style, PAGE.width - 2 * PAGE.margin)
    const height = lines.length * heightOf(style)
    if (height > this.room) return false
    for (const line of lines) this.#line(line, PAGE.margin, style)
    return true
  }

  /** Cells side by side, one line; what is too long is cut. False where there is no room. */
  row(cells: readonly string[], widths: readonly number[], style: Style = {}): boolean {
    if (heightOf(style) > this.room) return false
    const y = this.#y
    let x: number = PAGE.margin
    cells.forEach((cell, index) => {
      this.#y = y
      const width = (widths[index] ?? 0) * (PAGE.width - 2 * PAGE.margin)
      this.#line(this.#cut(cell, style, width - 6), x, style)
      x += width
    })
    return true
  }

  /**
   * The last lines of the page, whatever stands above.
   * @param changed a line more, where a text on the page is not as it came
   */
  foot(lines: readonly string[], changed: string, style: Style): void {
    const own = lines.map((line) => this.#cut(line, style, PAGE.width - 2 * PAGE.margin))
    const all = this.#changed ? [...own, this.#cut(`${MARK} ${changed}`, style, PAGE.width - 2 * PAGE.margin)] : own
    this.#y = PAGE.margin + all.length * heightOf(style)
    for (const line of all) this.#line(line, PAGE.margin, style)
  }

  #line(text: string, x: number, style: Style): void {
    const { size = 10, ink = INK.text } = style
    this.#y -= heightOf(style)
    this.#page.drawText(text, { x, y: this.#y + 0.3 * size, size, font: this.#font(style), color: ink })
  }

  #font({ bold, mono }: Style): PDFFont {
    return mono ? this.#fonts.mono : bold ? this.#fonts.bold : this.#fonts.plain
  }

  /** A text that is not as it came ends with a mark, which the foot explains. */
  #plain(given: string): Marked {
    const { text, changed } = inLetters(given, this.#known)
    this.#changed ||= changed
    return { text, mark: changed ? ` ${MARK}` : '' }
  }

  #wrapped(text: string, style: Style, width: number): string[] {
    const lines: string[] = []
    let line = ''
    const words = text.split('\n').flatMap((part, index) => {
      const { text: plain, mark } = this.#plain(part)
      return [...(index > 0 ? ['\n'] : []), ...`${plain}${mark}`.split(/(?<= )/)]
    })
    for (const word of words) {
      if (word === '\n' || !this.#fits(`${line}${word}`.trimEnd(), style, width)) {
        lines.push(line.trimEnd())
        line = word === '\n' ? '' : word
      } else line += word
      // a word that is longer than a line, such as a hash
      while (!this.#fits(line.trimEnd(), style, width)) {
        const head = this.#head(line, style, width)
        lines.push(head)
        line = line.slice(head.length)
      }
    }
    return [...lines, line.trimEnd()].filter((one, index, all) => one !== '' || (index > 0 && index < all.length - 1))
  }

  #fits(text: string, style: Style, width: number): boolean {
    return this.#font(style).widthOfTextAtSize(text, style.size ?? 10) <= width
  }

  /** The longest beginning that fits, one character at least. */
  #head(text: string, style: Style, width: number): string {
    let [low, high] = [1, text.length]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.#fits(text.slice(0, middle), style, width)) low = middle
      else high = middle - 1
    }
    return text.slice(0, low)
  }

  #cut(given: string, style: Style, width: number): string {
    const { text, mark } = this.#plain(given)
    return this.#fits(text + mark, style, width) ? text + mark : `${this.#head(text, style, width - 10 - 6 * mark.length)}…${mark}`
  }
}

interface Marked {
  readonly text: string
  readonly mark: string
}

/** Behind a text that is not as it came: a sign that no meter and no file has in its name. */
const MARK = '†'

const heightOf = ({ size = 10 }: Style): number => 1.3 * size
