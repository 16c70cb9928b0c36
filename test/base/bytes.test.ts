import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  base32,
  base64,
  base64url,
  base64urlText,
  concat,
  equal,
  hasAt,
  headedBase64url,
  hex,
  unbase32,
  unbase64,
  unbase64url,
  unhex,
  utf8,
  utf8Text,
} from '../../src/base/bytes.ts'

const malformed = expect.objectContaining({ name: 'Fault', code: 'bytes-malformed' })
const anyBytes = fc.uint8Array({ maxLength: 200 })

/** RFC 4648 §10. */
const VECTORS = [
  ['', '', '', ''],
  ['f', 'Zg==', 'MY======', '66'],
  ['fo', 'Zm8=', 'MZXQ====', '666F'],
  ['foo', 'Zm9v', 'MZXW6===', '666F6F'],
  ['foob', 'Zm9vYg==', 'MZXW6YQ=', '666F6F62'],
  ['fooba', 'Zm9vYmE=', 'MZXW6YTB', '666F6F6261'],
  ['foobar', 'Zm9vYmFy', 'MZXW6YTBOI======', '666F6F626172'],
] as const

describe('RFC 4648 §10', () => {
  it.each(VECTORS)('%j', (text, in64, in32, in16) => {
    const bytes = utf8(text)
    expect(base64(bytes)).toBe(in64)
    expect(unbase64(in64)).toEqual(bytes)
    expect(base32(bytes)).toBe(in32)
    expect(unbase32(in32)).toEqual(bytes)
    expect(hex(bytes)).toBe(in16.toLowerCase())
    expect(unhex(in16)).toEqual(bytes)
    expect(base64url(bytes)).toBe(in64.replaceAll('=', ''))
    expect(unbase64url(in64.replaceAll('=', ''))).toEqual(bytes)
    expect(unbase64(in64.replaceAll('=', ''))).toEqual(bytes)
    expect(unbase32(in32.replaceAll('=', ''))).toEqual(bytes)
  })

  it('uses the alphabet that is safe in URLs where asked to', () => {
    const bytes = unhex('fbefbeffff')
    expect(base64(bytes)).toBe('++++//8=')
    expect(base64url(bytes)).toBe('----__8')
  })
})

describe('a head and base64url in lent memory', () => {
  it('is the UTF-8 of both, however long they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.uint8Array({ maxLength: 20_000, size: 'max' }), (head, bytes) => {
        expect(Buffer.from(headedBase64url(head, bytes)).toString('latin1')).toBe(
          Buffer.from(`${head}${Buffer.from(bytes).toString('base64url')}`).toString('latin1'),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('is another after the next call, so whoever keeps it copies it', () => {
    const first = headedBase64url('a.', utf8('one'))
    headedBase64url('b.', utf8('two'))
    expect(utf8Text(first)).toBe('b.dHdv')
  })
})

describe('strictness', () => {
  it.each(['Zg=', 'Zg===', 'Zg======', 'Zm8==', 'Zm9v=', 'Zm9v====', '=', '====', 'Z', 'Zm9vY', 'Zg==Zg==', 'Z=g=', 'Zg= ='])(
    'base64 refuses the wrong length or padding of %j',
    (text) => expect(() => unbase64(text)).toThrow(malformed),
  )

  it.each(['Zh==', 'Zm9=', 'Zh', 'Zm9'])('base64 refuses stray bits in %j (RFC 4648 §3.5)', (text) => {
    expect(() => unbase64(text)).toThrow(malformed)
  })

  it.each(['Zm 9', 'Zm9v\n', 'Zm-v', 'Zm_v', 'Zmév', 'Zm\u0000v', 'Zm\ud83d\ude00', 'Zmŏv'])('base64 refuses the character in %j', (text) =>
    expect(() => unbase64(text)).toThrow(malformed),
  )

  it.each(['Zg==', 'Zm8=', 'Z', 'Zm+v', 'Zm/v', 'Zh', ' Zg', 'Zg\n', '='])('base64url refuses %j', (text) => {
    expect(() => unbase64url(text)).toThrow(malformed)
    expect(() => base64urlText(text)).toThrow(malformed)
  })

  it.each(['my', 'MZ', 'M', 'MZX', 'MZXW6Y', 'MY=', 'MY=======', 'MZXW6YTB========', 'M1======', 'M8======', '========'])(
    'base32 refuses %j',
    (text) => expect(() => unbase32(text)).toThrow(malformed),
  )

  it.each(['0', '0g', '0x00', ' 00', '00 ', '00\n', '0０', '+1', '-1', '1.'])('hex refuses %j', (text) => {
    expect(() => unhex(text)).toThrow(malformed)
  })
})

describe('every encoding', () => {
  const CODECS = [
    { name: 'hex', encode: hex, decode: unhex, peer: 'hex' },
    { name: 'base64', encode: base64, decode: unbase64, peer: 'base64' },
    { name: 'base64url', encode: base64url, decode: unbase64url, peer: 'base64url' },
    { name: 'base32', encode: base32, decode: unbase32, peer: undefined },
  ] as const

  it.each(CODECS)('$name comes back, and is what node writes', ({ encode, decode, peer }) => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = encode(bytes)
        expect(decode(text)).toEqual(bytes)
        if (peer !== undefined) expect(text).toBe(Buffer.from(bytes).toString(peer))
      }),
    )
  })

  it.each(CODECS)('$name has one text for each value: what is read is written the same, or was refused', ({ encode, decode }) => {
    const short = fc.string({ unit: fc.constantFrom(...'ABZabz0279+/-_= f'), maxLength: 9 })
    fc.assert(
      fc.property(short, (text) => {
        let bytes: Uint8Array
        try {
          bytes = decode(text)
        } catch (fault) {
          expect(fault).toEqual(malformed)
          return
        }
        const bare = (encoded: string) => encoded.replace(/=+$/, '')
        expect(bare(encode(bytes))).toBe(decode === unhex ? text.toLowerCase() : bare(text))
      }),
      { numRuns: 1000 },
    )
  })

  it.each(CODECS)('$name takes a megabyte', ({ encode, decode }) => {
    const bytes = Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 251)
    expect(equal(decode(encode(bytes)), bytes)).toBe(true)
  })
})

describe('utf8', () => {
  it('comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(utf8Text(utf8(text))).toBe(text)
      }),
    )
    expect(hex(utf8('kWh €'))).toBe('6b576820e282ac')
  })

  it('keeps a byte order mark', () => expect(utf8Text(unhex('efbbbf41'))).toBe('\ufeffA'))

  // a lone continuation, an overlong slash, a surrogate, past the last code point, a cut sequence
  it.each(['80', 'c0af', 'eda080', 'f4908080', 'e282'])('refuses %s', (bytes) => {
    expect(() => utf8Text(unhex(bytes))).toThrow(malformed)
  })
})

describe('concat and equal', () => {
  it('joins in order, and copies', () => {
    const part = Uint8Array.of(1, 2)
    const whole = concat(part, new Uint8Array(), Uint8Array.of(3))
    expect(whole).toEqual(Uint8Array.of(1, 2, 3))
    part[0] = 9
    expect(whole[0]).toBe(1)
    expect(concat()).toEqual(new Uint8Array())
  })

  it('compares every byte and the length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, difference) => {
        const other = Uint8Array.from(bytes)
        expect(equal(bytes, other)).toBe(true)
        other[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ difference
        expect(equal(bytes, other)).toBe(false)
        expect(equal(bytes, bytes.subarray(1))).toBe(false)
      }),
    )
  })
})

describe('a run of bytes', () => {
  it.each([
    [0, [1, 2], true],
    [1, [2, 3], true],
    [1, [1, 2], false],
    [2, [3, 4], false],
    [3, [], true],
  ])('at %i, %j: %s', (at, wanted, expected) => {
    expect(hasAt(Uint8Array.of(1, 2, 3), wanted, at)).toBe(expected)
  })
})

it('base64url is read as text, however long, and each time anew', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 100 }), (part, times) => {
      const text = part.repeat(times)
      expect(base64urlText(base64url(utf8(text)))).toBe(text)
    }),
  )
  expect(base64urlText(base64url(utf8('x'.repeat(5_000))))).toBe('x'.repeat(5_000))
  expect(() => base64urlText(base64url(Uint8Array.of(0xff)))).toThrow(malformed)
})
