// The most expensive questions within the limits of the verifier, and just beyond them: one row for each. Made anew for every run.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { concat, hex, utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import { pngOf, tarOf } from '../transparency-vectors/archives.ts'
import { bzip2Bomb } from '../transparency-vectors/bzip2.ts'
import { beginRecord, endRecord, type Fields, ocmfText, pemOf, SIGNER, safeXml } from '../transparency-vectors/maker.ts'
import { lossyOf, webpOf } from '../transparency-vectors/webp.ts'

export interface LimitCase {
  readonly name: string
  /** Files of one question, by name. */
  make(): Iterable<readonly [name: string, content: Uint8Array]>
}

const MIB = 1_048_576
/** The most that one input may have. */
const INPUT = 24 * MIB

const one = (name: string, make: () => Uint8Array | string, file = 'input'): LimitCase => ({
  name,
  *make() {
    const content = make()
    yield [file, typeof content === 'string' ? Buffer.from(content, 'latin1') : content]
  },
})

/** A piece as often as it fits, between a beginning and an end. */
const filled = (head: string, piece: string, tail = '', size = INPUT): string =>
  head + piece.repeat(Math.floor((size - head.length - tail.length) / piece.length)) + tail

/** A document of OCMF signed by the key of a curve, fast: with the machine's own library. */
const signerOf = (namedCurve: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const key = hex(publicKey.export({ type: 'spki', format: 'der' }))
  const algorithm = `ECDSA-${NAMES[namedCurve] ?? namedCurve}-SHA256`
  const text = (number: number, more: Fields = {}): string => {
    const payload = JSON.stringify({ ...plain(number), ...more })
    return `OCMF|${payload}|{"SA":"${algorithm}","SD":"${sign('sha256', Buffer.from(payload), privateKey).toString('hex')}"}`
  }
  return { key, text, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

const NAMES: Readonly<Record<string, string>> = { prime256v1: 'secp256r1' }

/** Transactions of two records each. */
const plain = (number: number): Fields => {
  const transaction = Math.floor(number / 2)
  const [tx, minute, value] = number % 2 === 0 ? ['B', '00', 10] : ['E', '59', 20]
  return {
    ...beginRecord(),
    GS: `G${transaction}`,
    MS: `M${transaction}`,
    PG: `T${1 + (number % 2)}`,
    RD: [
      { TM: `2026-03-01T08:${minute}:00,000+0100 S`, TX: tx as string, RV: value as number, RI: '1-0:1.8.0', RU: 'kWh', EF: '', ST: 'G' },
    ],
  }
}

const safe = (document: string, key: string): string =>
  `<values><value><signedData format="OCMF" encoding="plain">${document}</signedData><publicKey encoding="hex">${key}</publicKey></value></values>`

const records = (count: number, curve: string, more: Fields = {}): string => {
  const { text } = signerOf(curve)
  return Array.from({ length: count }, (_, i) => text(i, more)).join('\n')
}

/** Bytes that no archive makes smaller, the same every time. */
const noise = (length: number, seed: string): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let at = 0, block = createHash('sha512').update(seed).digest(); at < length; at += 64) {
    block = createHash('sha512').update(block).digest()
    bytes.set(block.subarray(0, Math.min(64, length - at)), at)
  }
  return bytes
}

const gz = (content: Uint8Array): Uint8Array => gzipSync(content, { level: 1 })

/** A roaming charge detail record, as a party sends thousands of them each month. */
const cdr = (number: number, { text, key }: { text(number: number): string; key: string }): string =>
  JSON.stringify({
    country_code: 'DE',
    party_id: 'CPV',
    id: `CDR${number}`,
    start_date_time: '2026-03-01T07:00:00Z',
    end_date_time: '2026-03-01T08:00:00Z',
    cdr_token: { uid: 'DEADBEEF', type: 'RFID', contract_id: 'DE8AA' },
    auth_method: 'WHITELIST',
    currency: 'EUR',
    cdr_location: {
      id: 'LOC1',
      address: 'Weg 1',
      city: 'Jena',
      postal_code: '07743',
      country: 'DEU',
      coordinates: { latitude: '50.9', longitude: '11.6' },
    },
    tariffs: Array.from({ length: 4 }, (_, i) => ({
      id: `T${i}`,
      currency: 'EUR',
      elements: [{ price_components: [{ type: 'ENERGY', price: 0.39, step_size: 1 }] }],
    })),
    charging_periods: Array.from({ length: 12 }, (_, i) => ({
      start_date_time: `2026-03-01T07:${10 + i}:00Z`,
      dimensions: [
        { type: 'ENERGY', volume: 1.5 },
        { type: 'TIME', volume: 0.1 },
      ],
      tariff_id: 'T0',
    })),
    signed_data: {
      encoding_method: 'OCMF',
      public_key: key,
      signed_values: [
        { nature: 'Start', plain_data: '', signed_data: text(2 * number) },
        { nature: 'End', plain_data: '', signed_data: text(2 * number + 1) },
      ],
    },
    total_cost: { excl_vat: 4.1 },
    total_energy: 10,
    total_time: 1,
    last_updated: '2026-03-01T08:00:00Z',
  })

/** A month of a party, with as many records as a question may have. */
export const month = (count: number): string => {
  const signer = signerOf('prime256v1')
  return `[${Array.from({ length: count }, (_, i) => cdr(i, signer)).join(',')}]`
}

export const LIMIT_CASES: readonly LimitCase[] = [
  one('a month of 3,500 charge detail records', () => month(3500)),
  one('a month of 4,000, which are more than a document may have', () => month(4000)),
  one('JSON of zeros', () => filled('[', '0,', '0]')),
  one('JSON of empty objects', () => filled('[', '{},', '0]')),
  one('JSON of small objects', () => filled('[', '{"a":0},', '0]')),
  one('JSON of CDRs of nothing', () => filled('[', '{"signed_data":0},', '0]')),
  one('JSON of one string', () => filled('{"signed_data":"', 'a', '"}')),
  one('JSON of escapes', () => filled('{"signed_data":"', '\\u0041', '"}')),
  one('JSON a million deep', () => '['.repeat(1_000_000)),
  one('OCMF with a wide payload', () => filled('OCMF|{"a":[', '0,', '0]}|{"SD":"00"}')),
  one('OCMF of many readings', () =>
    records(1, 'prime256v1', {
      RD: Array.from({ length: 130_000 }, (_, i) => ({
        TM: '2026-03-01T08:00:00,000+0100 S',
        TX: 'C',
        RV: i,
        RI: '1-0:1.8.0',
        RU: 'kWh',
        EF: '',
        ST: 'G',
      })),
    }),
  ),
  one('OCMF of small readings', () => {
    const { text } = signerOf('prime256v1')
    return text(0, { RD: [...((plain(0).RD ?? []) as Json[]), ...Array<Json>(350_000).fill({ RV: 1 })] })
  }),
  one('a line of 50 MB', () => 'a'.repeat(50_000_000)),
  one('a line of 24 MiB', () => filled('', 'a')),
  one('15,000 records of P-384', () => records(15_000, 'secp384r1')),

  {
    name: '1,000 files of brainpoolP384r1 in a zip',
    *make() {
      const { text, key } = signerOf('brainpoolP384r1')
      const files = Array.from({ length: 1000 }, (_, i) => [`${i}.xml`, strToU8(safe(text(i), key))] as const)
      yield ['all.zip', zipSync(Object.fromEntries(files))]
    },
  },
  {
    name: '1,000 keys for one meter, and 15,000 records',
    *make() {
      yield ['records.ocmf', utf8(records(15_000, 'prime256v1', { MS: 'CPM-0001' }))]
      const keys = Array.from({ length: 1000 }, (_, i) => [`${i}/CPM-0001.pem`, strToU8(signerOf('prime256v1').pem)] as const)
      yield ['keys.zip', zipSync(Object.fromEntries(keys))]
    },
  },
  one('XML of values', () => filled('<values>', '<value/>', '</values>')),
  one('XML of one text', () => filled('<values><value><signedData>', 'a', '</signedData></value></values>')),
  one('XML of attributes', () => filled('<values>', '<value a="1" b="2" c="3"/>', '</values>')),
  one('XML a million deep', () => filled('<values>', '<a>')),
  one('SVG of squares', () => filled('<svg viewBox="0 0 900 900">', '<rect x="1" y="1" width="1" height="1"/>', '</svg>')),
  one('gzip to its limits', () => gz(Buffer.from(filled('', 'OCMF|{"a":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}|{}\n')))),
  one('gzip beyond its limits', () => concat(...Array<Uint8Array>(10).fill(gzipSync(new Uint8Array(30 * MIB))))),
  one('bzip2 beyond its limits', () => bzip2Bomb(300)),
  one('bzip2 to its limits', () => concat(bzip2Bomb(26), noise(300_000, 'bz2'))),
  {
    name: 'eight members of 8 MiB of noise, four deep',
    *make() {
      const tar = tarOf(Array.from({ length: 2 }, (_, i) => ({ name: `${i}`, content: noise(8 * MIB, `${i}`) })))
      yield ['deep.gz', gz(gz(gz(tar)))]
    },
  },
  {
    name: '400 archives of 1,000 members in one',
    *make() {
      const inner = tarOf(Array.from({ length: 50 }, (_, i) => ({ name: `${i}`, content: utf8('x') })))
      const many = zipSync(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}`, strToU8('x')])), { level: 0 })
      yield [
        'all.zip',
        zipSync(Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`${i}.zip`, i % 2 === 0 ? many : inner])), { level: 0 }),
      ]
    },
  },
  {
    name: 'twenty pictures of 16 megapixels',
    *make() {
      const rows = Array.from({ length: 4096 }, (_, y) => noise(4096, `row ${y % 16}`))
      const picture = pngOf(rows)
      for (let i = 0; i < 20; i++) yield [`${i}.png`, picture]
    },
  },
  {
    name: 'twenty WebP of 16 megapixels',
    *make() {
      const rows = Array.from({ length: 256 }, (_, y) => noise(256, `row ${y}`).map((byte) => (byte < 128 ? 0 : 255)))
      for (let i = 0; i < 20; i++) yield [`${i}.webp`, webpOf(lossyOf(rows))]
    },
  },
  one('a table of empty cells', () => filled('', ';,\t', '', 4 * MIB - 9)),
  one('a table of words', () => filled('', `${'QUJD'.repeat(16)},`, '', 4 * MIB - 99)),
  one('a table of quotes', () => filled('"', '"",""', '"', 4 * MIB - 9)),
  one('a table of rows that hold keys and a record', () =>
    filled(
      `a;${ocmfText(beginRecord())};${pemOf(SIGNER).replace(/\n/g, '')}\n`,
      `b;${'30'.repeat(45)};${'MFkw'.repeat(22)}\n`,
      '',
      4 * MIB - 999,
    ),
  ),
  one('a bill of documents in places', () => {
    const place = JSON.stringify({ signed_data: Buffer.from(safeXml([{ data: ocmfText(beginRecord()) }])).toString('base64') })
    return filled('{"signed_values":[', `${place},`, `${place}]}`)
  }),
  {
    name: 'forty files of 24 MiB with one record each',
    *make() {
      const { text, pem } = signerOf('prime256v1')
      yield ['publicKey.pem', utf8(pem)]
      for (let i = 0; i < 40; i++) yield [`${i}.ocmf`, Buffer.from(text(i).padEnd(INPUT, ' '), 'latin1')]
    },
  },
  {
    name: 'a folder of 20,000 records',
    *make() {
      const { text, pem } = signerOf('prime256v1')
      yield ['publicKey.pem', utf8(pem)]
      for (let i = 0; i < 20_000; i++) yield [`${i}.ocmf`, utf8(text(i))]
    },
  },
  one('a PDF of beginnings', () => filled('%PDF-1.7\n', '1 0 obj << /A [ ')),
  one('a PDF of objects', () => filled('%PDF-1.7\n', '1 0 obj << /EF << /F 2 0 R >> >> endobj\n', '%%EOF')),
  one('key documents', () => filled('{"publicKeys":[', '{"value":"x","subject":"a"},', '0]}', MIB)),
  one('lines of hex', () => filled('', '30'), 'CPM-0001.hex'),
  one('blocks of PEM', () => filled('', pemOf(SIGNER))),
  one('a session of copies', () =>
    Array<string>(15_000)
      .fill(`${ocmfText(beginRecord())}\n${ocmfText(endRecord())}`)
      .join('\n'),
  ),
]
