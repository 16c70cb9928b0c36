// What it costs to judge signed meter records, from the bytes of a file to the whole verdict. Its yardstick is the bare check of one
// signature by node:crypto with a key that is imported already, and one JSON.parse of what was signed.
import { verify as nodeVerify } from 'node:crypto'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { hex, utf8 } from '../../src/base/bytes.ts'
import { rawToDer } from '../../src/crypto/der.ts'
import type { Engine } from '../../src/crypto/engine.ts'
import { portableEngine } from '../../src/crypto/portable.ts'
import { verify } from '../../src/transparency/verify.ts'
import { cpuOf } from '../cpu.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import { importedKey, safeXml, session } from '../records.ts'

export const verifying: Part = { name: 'verify', measure: (plan) => measure(plan) }

const RECORDS = 100

const measure = async (plan: Plan): Promise<Row[]> => {
  const [record] = session(1)
  if (record === undefined) throw new Error('no record was made')
  const { text, spki, message, raw } = record
  const file = { name: 'record.ocmf', bytes: utf8(text) }
  const keyFile = { name: 'publicKey.txt', bytes: utf8(hex(spki)) }
  const xml = { name: 'receipt.xml', bytes: utf8(safeXml(session(RECORDS))) }
  const key = importedKey(record)
  const payload = text.split('|')[1] ?? ''
  const der = rawToDer(raw)
  const judge = (inputs: readonly { name: string; bytes: Uint8Array }[], engine: Engine) => async () => {
    const { verdict } = await verify(inputs, { engine })
    if (verdict !== 'valid') throw new Error(`expected the verdict valid, got ${verdict}`)
  }
  const engine = nodeEngine()
  const early: { record?: number; bare?: number } = {}
  const cpu = await cpuOf(
    {
      record: judge([file, keyFile], engine),
      xml: judge([xml], engine),
      portable: judge([file, keyFile], portableEngine()),
      // what no verifier can do without: the signature, and the numbers that were signed
      bare: () => {
        if (!nodeVerify('sha256', message, key, raw)) throw new Error('the yardstick refused a good signature')
        return JSON.parse(payload)
      },
      // the same without options beside the key, which cost Node two errors: the cheapest way there is, and the verifier's own
      asked: () => nodeVerify('sha256', message, key.key, der),
    },
    plan,
    early,
  )
  const yardstick = { what: 'node:crypto, bare signature, and JSON.parse', value: cpu.bare }
  return [
    row({
      ...NAMES,
      what: 'one OCMF record, P-256',
      value: cpu.record,
      yardstick,
      target: { of: 'ratio', most: 1.5 },
      seen: { 'while V8 still compiles': early.record ?? 0, 'yardstick then': early.bare ?? 0 },
    }),
    row({ ...NAMES, what: `${RECORDS} records in one SAFE XML`, value: cpu.xml, yardstick, target: { of: 'value', most: 20_000 } }),
    row({ ...NAMES, what: 'one OCMF record, portable engine', value: cpu.portable, yardstick }),
    row({ ...NAMES, what: 'the signature alone, as the verifier asks for it', value: cpu.asked, yardstick }),
  ]
}

const NAMES = { part: 'verify', unit: 'µs CPU' } as const
