// The file of those who may ask `chargeproof serve`: no keys, only what tells them.
import { type Static, Type } from '@sinclair/typebox'
import { Fault } from '../base/fault.ts'
import type { ApiKey } from './http/quotas.ts'
import { checkOf } from './schema-check.ts'
import { load } from './yaml-file.ts'

const Entry = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    requestsPerMinute: Type.Integer({ minimum: 1, maximum: 100_000 }),
    mebibytesPerDay: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    atOnce: Type.Integer({ minimum: 1, maximum: 256 }),
  },
  { additionalProperties: false },
)
const ServeKeys = Type.Array(Entry, {
  ...{ minItems: 1, maxItems: 10_000 },
  description: 'a list of those who may ask, as `chargeproof serve-key` writes an entry for each',
})

const check = checkOf<Static<typeof ServeKeys>>(ServeKeys, { allErrors: true, strict: false, verbose: true })

/** @throws Fault `config-invalid`: every complaint with its line */
export const readServeKeys = (path: string): ApiKey[] => {
  const { value, complaints } = load(path, check)
  if (value === undefined) throw new Fault('config-invalid', complaints.map(({ line, text }) => `${path}:${line}: ${text}`).join('\n'))
  return value
}
