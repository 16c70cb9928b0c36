import { describe, expect, it } from 'vitest'
import { concat, hex, unhex, utf8 } from '../../../src/base/bytes.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { isSml, numberIn, octetsIn, readSml, type SmlNode } from '../../../src/metering/formats/edl/sml.ts'
import { readTelegram } from '../../../src/metering/formats/edl/telegram.ts'
import { list, octets, secondIndexTime, signed, telegram, unsigned } from '../../../tools/transparency-vectors/sml.ts'

const good = (): Uint8Array =>
  telegram({
    serverId: Uint8Array.of(9, 1),
    sensorTime: secondIndexTime(5),
    entries: [{ obis: '0100010800ff', unit: 30, scaler: signed(-1, 1), value: signed(-2, 8) }],
    signature: new Uint8Array(48).fill(7),
  })

const read = (bytes: Uint8Array) => readSml({ bytes, text: undefined })
const bare = (...payload: readonly Uint8Array[]): Uint8Array => concat(unhex('1b1b1b1b01010101'), ...payload, unhex('1b1b1b1b1a000000'))

describe('SML', () => {
  it('reads what a meter sends, as bytes and as hexadecimal text', () => {
    const spaced = `  ${hex(good()).replace(/../g, '$& ')}\n`
    for (const content of [{ bytes: good(), text: undefined }, contentOf(utf8(spaced))]) {
      expect(isSml(content)).toBe(true)
      expect(readTelegram(content)).toMatchObject({ serverId: Uint8Array.of(9, 1), crcFits: true, sensorTime: { choice: 1, seconds: 5 } })
      expect(numberIn(readTelegram(content).entry('0100010800ff')?.value)).toBe(-2n)
    }
  })

  it('knows values and what is not there', () => {
    const [node] = read(bare(list(octets(Uint8Array.of(1, 2)), unsigned(255, 1), signed(-1, 2), Uint8Array.of(1)))).messages
    const items = (node as Extract<SmlNode, { kind: 'list' }>).items
    expect(octetsIn(items[0])).toEqual(Uint8Array.of(1, 2))
    expect([items[1], items[2], items[3], items[0]].map(numberIn)).toEqual([255n, -1n, undefined, undefined])
    expect(octetsIn(items[3])).toBeUndefined()
  })

  it('makes a doubled escape single', () => {
    const doubled = new Uint8Array(4).fill(0x1b)
    const [node] = read(bare(Uint8Array.of(5), doubled, doubled)).messages
    expect(octetsIn(node)).toEqual(doubled)
  })

  it('sees a checksum that does not fit', () => {
    const bytes = good()
    bytes.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1)
    expect(read(bytes).crcFits).toBe(false)
  })

  it.each([
    ['no end', good().slice(0, -8)],
    ['bytes behind the end', concat(good(), Uint8Array.of(0))],
    ['an escape that means nothing', bare(unhex('1b1b1b1b02000000'))],
    ['more padding than there is', concat(unhex('1b1b1b1b01010101'), unhex('1b1b1b1b1a040000'))],
    ['a value that ends beyond the telegram', bare(Uint8Array.of(0x0f, 1))],
    ['a list longer than the telegram', bare(Uint8Array.of(0xff, 0x0f, 1))],
    ['a length of too many bytes', bare(Uint8Array.of(0x8f, 0x8f, 0x8f, 0x8f, 0x8f, 1))],
    ['a million lists in each other', bare(new Uint8Array(1_000_000).fill(0x71))],
    ['a million empty values', bare(new Uint8Array(1_000_000).fill(0x01))],
  ])('refuses %s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code: 'record-malformed' }))
  })

  it('refuses a telegram with a value twice, with two lists or with none', () => {
    const entry = { obis: '0100010800ff', value: signed(1, 8) }
    const twice = telegram({
      serverId: Uint8Array.of(9),
      sensorTime: secondIndexTime(1),
      entries: [entry, entry],
      signature: new Uint8Array(48),
    })
    expect(() => readTelegram({ bytes: twice, text: undefined }).entry(entry.obis)).toThrow(/twice/)
    const none = telegram({ serverId: Uint8Array.of(9), sensorTime: secondIndexTime(1), entries: [], signature: new Uint8Array(48) })
    expect(() => readTelegram({ bytes: none, text: undefined })).toThrow(/no values/)
    expect(() => readTelegram({ bytes: bare(list(Uint8Array.of(1))), text: undefined })).toThrow(/GetList/)
  })
})
