// Writes SML telegrams as EDL40, EMOC and ISA meters send them, from the values of a signed block.
import { concat } from '../../src/base/bytes.ts'

/** A value of the list: an OBIS code as hexadecimal digits, and what stands beside the value. */
export interface ListEntry {
  readonly obis: string
  readonly status?: Uint8Array
  readonly time?: Uint8Array
  readonly unit?: number
  readonly scaler?: Uint8Array
  readonly value: Uint8Array
  readonly signature?: Uint8Array
}

export interface ListResponse {
  readonly serverId: Uint8Array
  readonly listName?: Uint8Array
  readonly sensorTime: Uint8Array
  readonly entries: readonly ListEntry[]
  readonly signature: Uint8Array
}

/** One telegram: start, the three messages of a GetList, end with padding and checksum. */
export const telegram = (response: ListResponse): Uint8Array => {
  const { serverId, listName, sensorTime, entries, signature } = response
  const body = list(
    ABSENT,
    octets(serverId),
    listName === undefined ? ABSENT : octets(listName),
    sensorTime,
    list(...entries.map(entry)),
    octets(signature),
    ABSENT,
  )
  const open = list(ABSENT, ABSENT, octets(Uint8Array.of(1)), octets(serverId), ABSENT, unsigned(1, 1))
  const payload = concat(message(1, 0x0101, open), message(2, 0x0701, body), message(3, 0x0201, list(ABSENT)))
  const padding = (4 - (payload.length % 4)) % 4
  const escaped = concat(START, payload, new Uint8Array(padding), ESCAPE, Uint8Array.of(0x1a, padding))
  const crc = crcX25(escaped)
  return concat(escaped, Uint8Array.of(crc & 0xff, crc >> 8))
}

export const octets = (bytes: Uint8Array): Uint8Array => concat(head(0, bytes.length), bytes)
/** Big-endian at the given width. */
export const unsigned = (value: number | bigint, width: number): Uint8Array => concat(head(6, width), bigEndian(value, width))
export const signed = (value: number | bigint, width: number): Uint8Array => concat(head(5, width), bigEndian(value, width))
export const list = (...items: readonly Uint8Array[]): Uint8Array => concat(Uint8Array.of(0x70 | items.length), ...items)

/** Seconds of the second index. */
export const secondIndexTime = (seconds: number | bigint): Uint8Array => list(unsigned(1, 1), unsigned(seconds, 4))
/** Seconds since 1970, as the clock of the meter has them. */
export const plainTime = (seconds: number | bigint): Uint8Array => list(unsigned(2, 1), unsigned(seconds, 4))
/** UTC with the offset of the place and of the season, in minutes. */
export const placeTime = (utc: number | bigint, offset: number, season: number): Uint8Array =>
  list(unsigned(3, 1), list(unsigned(utc, 4), signed(offset, 2), signed(season, 2)))

const ABSENT = Uint8Array.of(1)
const ESCAPE = new Uint8Array(4).fill(0x1b)
const START = concat(ESCAPE, new Uint8Array(4).fill(1))

const entry = ({ obis, status = ABSENT, time = ABSENT, unit, scaler = ABSENT, value, signature }: ListEntry): Uint8Array =>
  list(
    octets(Uint8Array.from(obis.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))),
    status,
    time,
    unit === undefined ? ABSENT : unsigned(unit, 1),
    scaler,
    value,
    signature === undefined ? ABSENT : octets(signature),
  )

const message = (id: number, tag: number, body: Uint8Array): Uint8Array => {
  const open = list(octets(Uint8Array.of(id)), unsigned(0, 1), unsigned(0, 1), list(unsigned(tag, 4), body), unsigned(0, 2))
  // the list has a sixth element, the end of the message
  return concat(Uint8Array.of(0x76), open.subarray(1), Uint8Array.of(0))
}

/** Type and length, the length with its own bytes. */
const head = (type: number, size: number): Uint8Array => {
  const one = size + 1
  if (one < 16) return Uint8Array.of((type << 4) | one)
  const two = size + 2
  return Uint8Array.of(0x80 | (type << 4) | (two >> 4), two & 15)
}

const bigEndian = (value: number | bigint, width: number): Uint8Array =>
  Uint8Array.from({ length: width }, (_, i) => Number((BigInt(value) >> BigInt(8 * (width - 1 - i))) & 0xffn))

const crcX25 = (bytes: Uint8Array): number => {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1
  }
  return crc ^ 0xffff
}
