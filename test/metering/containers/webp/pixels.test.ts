import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asFault } from '../../../../src/base/fault.ts'
import { webpPixels } from '../../../../src/metering/containers/webp/pixels.ts'
import { Budget, LIMITS } from '../../../../src/metering/limits.ts'
import { extended, frame, losslessOf, lossyOf, plainAlpha, webpOf } from '../../../../tools/transparency-vectors/webp.ts'
import { browserFor, sharedBrowser } from '../../../support/browser.ts'

const pixelsOf = (bytes: Uint8Array) => webpPixels(bytes, new Budget(LIMITS, () => 0))
const fault = (code: string) => expect.objectContaining({ code })

const rowsOf = (width: number, height: number, shade: (x: number, y: number) => number): Uint8Array[] =>
  Array.from({ length: height }, (_, y) => Uint8Array.from({ length: width }, (__, x) => shade(x, y)))
const squares = rowsOf(7, 5, (x, y) => ((x * y + x) % 3 === 0 ? 0 : 255))
const size = { width: 7, height: 5 }

/** One shade for each pixel, and none that is not grey or not seen. */
const shadesOf = (bytes: Uint8Array): number[] => {
  const { data } = pixelsOf(bytes)
  const shades = [...data].filter((_, at) => at % 4 === 0)
  expect([...data]).toEqual(shades.flatMap((shade) => [shade, shade, shade, 255]))
  return shades
}

describe('WebP', () => {
  it('gives every pixel of a picture without loss', () => {
    expect(shadesOf(webpOf(losslessOf(squares)))).toEqual(squares.flatMap((row) => [...row]))
    expect(pixelsOf(webpOf(losslessOf(squares)))).toMatchObject(size)
  })

  it('gives black and white of a picture with loss', () => {
    const shades = shadesOf(webpOf(lossyOf(squares)))
    const wrong = shades.filter((shade, at) => {
      const [x, y] = [(at % (16 * size.width)) >> 4, Math.floor(at / (16 * size.width)) >> 4]
      return Math.abs(shade - (squares[y]?.[x] ?? 0)) > 12
    })
    expect([shades.length, wrong]).toEqual([256 * 35, []])
  })

  it('shows what is transparent on white', () => {
    const black = rowsOf(1, 1, () => 0)
    const half = plainAlpha(new Uint8Array(256).map((_, at) => (at % 16 < 8 ? 0 : 255)))
    const shades = shadesOf(webpOf(extended({ width: 16, height: 16 }, 0x10), half, lossyOf(black)))
    expect(shades.map((shade) => shade > 128)).toEqual(Array.from({ length: 256 }, (_, at) => at % 16 < 8))
  })

  it('takes the first picture of an animation', () => {
    const white = rowsOf(7, 5, () => 255)
    const moving = webpOf(extended(size, 0x02), frame(size, losslessOf(squares)), frame(size, losslessOf(white)))
    expect(shadesOf(moving)).toEqual(squares.flatMap((row) => [...row]))
  })

  it.each([
    ['a picture of another size than its file', webpOf(extended({ width: 7, height: 6 }, 0), losslessOf(squares))],
    ['a moving picture larger than its file', webpOf(extended({ width: 6, height: 5 }, 0x02), frame(size, losslessOf(squares)))],
    ['fewer pixels than it says', webpOf(losslessOf(squares, { width: 7, height: 50 }))],
    ['parts without a picture', webpOf(extended(size, 0))],
    [
      'transparency that ends',
      webpOf(extended({ width: 16, height: 16 }, 0x10), plainAlpha(new Uint8Array(9)), lossyOf(rowsOf(1, 1, () => 0))),
    ],
    ['another chunk in front', webpOf(['EXIF', new Uint8Array(9)], losslessOf(squares))],
    ['half of a picture with loss', webpOf(['VP8 ', lossyOf(rowsOf(20, 20, (x) => x % 2))[1].subarray(0, 300)])],
  ])('refuses %s', (_, bytes) => {
    expect(() => pixelsOf(bytes)).toThrow(fault('record-malformed'))
  })

  it('stops where the time is up', () => {
    let now = 0
    const budget = new Budget(LIMITS, () => (now += LIMITS.milliseconds / 4))
    expect(() => webpPixels(webpOf(lossyOf(rowsOf(1, 9, () => 0))), budget)).toThrow(fault('limit-exceeded'))
  })

  it('answers any damage with a picture or a fault, and asks for no more than it has', () => {
    const whole = [webpOf(losslessOf(rowsOf(40, 40, (x, y) => ((x ^ y) % 3 === 0 ? 0 : 255)))), webpOf(lossyOf(squares))]
    const damages = fc.array(fc.tuple(fc.nat({ max: 900 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.constantFrom(...whole), damages, (bytes, changes) => {
        const damaged = bytes.slice()
        // the sizes stay: how many pixels there may be is asked before (picture.ts)
        for (const [at, byte] of changes) damaged[30 + (at % (bytes.length - 30))] = byte
        try {
          pixelsOf(damaged)
        } catch (thrown) {
          expect(['record-malformed', 'limit-exceeded']).toContain(asFault(thrown).code)
        }
      }),
      { numRuns: 300 },
    )
  })
})

/** For the browser: pictures of every kind as it writes them, and their pixels as it reads them, on white. */
const DRAWN = `async (quality) => {
  const made = []
  for (const kind of ['waves', 'slope', 'table', 'glass']) {
    const [width, height] = [77, 41]
    const canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext('2d')
    const image = context.createImageData(width, height)
    for (let at = 0; at < width * height; at++) {
      const [x, y] = [at % width, Math.floor(at / width)]
      const waves = [128 + 99 * Math.sin(x / 9), 128 + 90 * Math.cos(y / 7 + x / 40), (x * y) % 256]
      const greys = { slope: (3 * x + y) % 256, table: 85 * (((x >> 3) ^ (y >> 2)) % 4) }
      const colour = kind in greys ? Array(3).fill(greys[kind]) : waves
      image.data.set([...colour, kind === 'glass' ? (5 * x) % 256 : 255], 4 * at)
    }
    context.putImageData(image, 0, 0)
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality })
    context.fillStyle = 'white'
    context.fillRect(0, 0, width, height)
    context.drawImage(await createImageBitmap(blob), 0, 0)
    const pixels = context.getImageData(0, 0, width, height).data
    made.push({ file: [...new Uint8Array(await blob.arrayBuffer())], pixels: [...pixels] })
  }
  return made
}`

const greyAt = (all: ArrayLike<number>, at: number): number =>
  0.299 * (all[at] ?? 0) + 0.587 * (all[at + 1] ?? 0) + 0.114 * (all[at + 2] ?? 0)

describe.skipIf(!browserFor('WebP beside a browser'))('WebP beside a browser', () => {
  it.each([
    ['without loss', 1, { most: 2, mean: 0.6 }],
    ['with some loss', 0.9, { most: 20, mean: 1 }],
    ['with much loss', 0.2, { most: 50, mean: 4 }],
  ])('reads what the browser writes %s as the browser does', async (_, quality, { most, mean }) => {
    const page = await (await sharedBrowser()).newPage()
    const pictures = (await page.evaluate(`(${DRAWN})(${quality})`)) as { file: number[]; pixels: number[] }[]
    await page.close()
    for (const { file, pixels } of pictures) {
      const { data } = pixelsOf(Uint8Array.from(file))
      const apart = Array.from({ length: data.length / 4 }, (__, at) => Math.abs(greyAt(data, 4 * at) - greyAt(pixels, 4 * at)))
      expect(Math.max(...apart)).toBeLessThan(most)
      expect(apart.reduce((sum, each) => sum + each, 0) / apart.length).toBeLessThan(mean)
    }
  })
})
