import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDecimal,
  compareDecimal,
  type Decimal,
  decimalIn,
  formatDecimal,
  isMeasurable,
  nearDecimal,
  parseDecimal,
  roundsTo,
  scaleDecimal,
  subtractDecimal,
} from '../../src/base/decimal.ts'

const malformed = expect.objectContaining({ name: 'Fault', code: 'bytes-malformed' })
const tooMuch = expect.objectContaining({ name: 'Fault', code: 'limit-exceeded' })
const anyDecimal: fc.Arbitrary<Decimal> = fc.record({ digits: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), scale: fc.nat(12) })

describe('a number in a text', () => {
  it.each([
    ['1.5', undefined, '1.5'],
    ['1.5', '3', '1500'],
    ['15', '-1', '1.5'],
    ['', undefined, undefined],
    ['one', undefined, undefined],
    ['1', 'x', undefined],
    ['1', '1e9', undefined],
    ['1', '99', undefined],
    ['9'.repeat(61), undefined, undefined],
  ])('%j times ten to the %j is %j', (text, power, expected) => {
    const found = decimalIn(text, power)
    expect(found && formatDecimal(found)).toBe(expected)
  })
})

describe('a number that is compared', () => {
  it.each([
    ['1.5', undefined, '1.5'],
    ['1.5', '3', '1500'],
    ['1.5', '3.0', '1500'],
    ['', undefined, undefined],
    ['99 kWh', undefined, undefined],
    ['1', 'x', undefined],
    ['1', '0.5', undefined],
    [`99.${'0'.repeat(70)}`, undefined, `99.${'0'.repeat(40)}`],
    [`-0.0${'1'.repeat(70)}`, undefined, `-0.0${'1'.repeat(39)}`],
    [`${'0'.repeat(70)}99.5`, undefined, '99.5'],
    [`995${'0'.repeat(70)}e-71`, undefined, `99.5${'0'.repeat(39)}`],
    ['995e-71', '70', '99.5'],
    ['1e55', undefined, `1${'0'.repeat(55)}`],
    ['1', '1e9', `1${'0'.repeat(60)}`],
    ['-9e999999', undefined, `-1${'0'.repeat(60)}`],
    [`1e${'9'.repeat(400)}`, '-1', `1${'0'.repeat(60)}`],
    [`1e-${'9'.repeat(400)}`, undefined, '0'],
    [`1e${'9'.repeat(400)}`, '-1e999', '1'],
    ['0e999', undefined, '0'],
  ])('%j times ten to the %j is near %j', (text, power, expected) => {
    const found = nearDecimal(text, power)
    expect(found && formatDecimal(found)).toBe(expected)
  })

  it('is measurable within what is read again when it is computed with', () => {
    for (const text of ['0', '9.038', `-${'9'.repeat(24)}.${'9'.repeat(30)}`]) expect(isMeasurable(parseDecimal(text))).toBe(true)
    for (const text of [`1${'0'.repeat(24)}`, `-1${'0'.repeat(24)}`, '1e24', '1e-31']) expect(isMeasurable(parseDecimal(text))).toBe(false)
    const most = parseDecimal(`${'9'.repeat(24)}.${'9'.repeat(30)}`)
    const wh = scaleDecimal(subtractDecimal(most, { ...most, digits: -most.digits }), 3)
    expect(compareDecimal(parseDecimal(formatDecimal(wh)), wh)).toBe(0)
    const whole = scaleDecimal({ digits: 2n * 10n ** 24n - 1n, scale: 0 }, 3)
    expect(compareDecimal(parseDecimal(formatDecimal(whole)), whole)).toBe(0)
  })
})

describe('parseDecimal', () => {
  it.each([
    ['0', 0n, 0],
    ['9.038', 9038n, 3],
    ['9.0380', 90380n, 4],
    ['-0.50', -50n, 2],
    ['+12', 12n, 0],
    ['007.5', 75n, 1],
    ['-0', 0n, 0],
    ['1e3', 1000n, 0],
    ['1E+3', 1000n, 0],
    ['1.5e3', 1500n, 0],
    ['1.2345e2', 12345n, 2],
    ['-1.5e-3', -15n, 4],
    ['100e-2', 100n, 2],
    ['0.1', 1n, 1],
    ['123456789012345678901234567890.123456789', 123456789012345678901234567890123456789n, 9],
    ['9'.repeat(60), 10n ** 60n - 1n, 0],
    ['1e40', 10n ** 40n, 0],
    ['1e-40', 1n, 40],
  ])('%s', (text, digits, scale) => expect(parseDecimal(text)).toEqual({ digits, scale }))

  it.each(['', ' 1', '1 ', '1,5', '.5', '5.', '1e', 'e3', '1e1.5', '--1', '0x10', 'NaN', 'Infinity', '1_000', '１', '1\n', '1.2.3', '1n'])(
    'refuses %j',
    (text) => expect(() => parseDecimal(text)).toThrow(malformed),
  )

  it.each(['9'.repeat(61), `0.${'1'.repeat(60)}`, '1e41', '1e-41', '1e999999999999', '0e-99999', '1'.repeat(1_000_000)])(
    'refuses too much in %#',
    (text) => expect(() => parseDecimal(text)).toThrow(tooMuch),
  )

  it('answers soon to long text that is no number', () => {
    expect(() => parseDecimal(`${'1'.repeat(1_000_000)}x`)).toThrow(malformed)
  })
})

describe('formatDecimal', () => {
  it.each(['0', '9.038', '9.0380', '-0.50', '0.00', '-12', '0.001', '-0.001', '1000'])('writes %s as it was', (text) =>
    expect(formatDecimal(parseDecimal(text))).toBe(text),
  )

  it('comes back, whatever the number', () => {
    fc.assert(
      fc.property(anyDecimal, (decimal) => {
        expect(parseDecimal(formatDecimal(decimal))).toEqual(decimal)
      }),
    )
  })
})

describe('arithmetic', () => {
  it('is exact where floats are not', () => {
    expect(formatDecimal(addDecimal(parseDecimal('0.1'), parseDecimal('0.2')))).toBe('0.3')
    expect(formatDecimal(subtractDecimal(parseDecimal('991.654'), parseDecimal('987.321')))).toBe('4.333')
    expect(formatDecimal(subtractDecimal(parseDecimal('9007199254740993'), parseDecimal('0.0001')))).toBe('9007199254740992.9999')
    expect(formatDecimal(subtractDecimal(parseDecimal('1.50'), parseDecimal('1.5')))).toBe('0.00')
  })

  it('adds and subtracts back', () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        expect(compareDecimal(subtractDecimal(addDecimal(a, b), b), a)).toBe(0)
        expect(addDecimal(a, b)).toEqual(addDecimal(b, a))
        expect(addDecimal(a, b).scale).toBe(Math.max(a.scale, b.scale))
      }),
    )
  })

  it('compares by value', () => {
    const ascending = ['-10', '-9.99', '-0.001', '0', '0.0009', '0.001', '1', '1.49999999999999999999', '1.5', '2', '10'].map(parseDecimal)
    for (const [i, a] of ascending.entries()) {
      for (const [j, b] of ascending.entries()) expect(compareDecimal(a, b)).toBe(Math.sign(i - j))
    }
    expect(compareDecimal(parseDecimal('1.50'), parseDecimal('1.5'))).toBe(0)
    expect(compareDecimal(parseDecimal('-0'), parseDecimal('0.000'))).toBe(0)
  })

  it('scales by powers of ten', () => {
    expect(formatDecimal(scaleDecimal(parseDecimal('12345'), -3))).toBe('12.345')
    expect(formatDecimal(scaleDecimal(parseDecimal('12.3450'), 3))).toBe('12345.0')
    expect(formatDecimal(scaleDecimal(parseDecimal('1.5'), 3))).toBe('1500')
    expect(() => scaleDecimal(parseDecimal('1'), 41)).toThrow(tooMuch)
    expect(() => scaleDecimal(parseDecimal('1'), 0.5)).toThrow(tooMuch)
    expect(() => scaleDecimal(parseDecimal('1'), Number.NaN)).toThrow(tooMuch)
    fc.assert(
      fc.property(anyDecimal, fc.integer({ min: -20, max: 20 }), (decimal, power) => {
        expect(compareDecimal(scaleDecimal(scaleDecimal(decimal, power), -power), decimal)).toBe(0)
      }),
    )
  })
})

describe('roundsTo', () => {
  const rounds = (exact: string, told: string): boolean => roundsTo(parseDecimal(exact), parseDecimal(told), 3)

  it.each([
    ['10.5', '10.5'],
    ['10.5', '10.500'],
    ['10.4996', '10.5'],
    ['10.49', '10.4'],
    ['10.5', '11'],
    ['10.5', '10.499999999999998'],
    ['-0.4', '0'],
  ])('%s may be told as %s', (exact, told) => expect(rounds(exact, told)).toBe(true))

  it.each([
    ['10.5', '10.6'],
    ['10.5', '12'],
    ['10.5', '9'],
    ['10.502', '10.5009'],
    ['10.5', '105e-2'],
  ])('%s is not %s', (exact, told) => expect(rounds(exact, told)).toBe(false))
})
