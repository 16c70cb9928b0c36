// What others use of the verifier. The public door, chargeproof/transparency, adds the engines (apps/library): who has one need not load the other.

export { LIMITS, type Limits } from '../metering/limits.ts'
export { FIELD_WORDS } from './field-words.ts'
export type { Input } from './open.ts'
export { type OpensslAnswer, type OpensslNeeds, opensslCommands } from './openssl.ts'
export * from './sentences.ts'
export { SESSION_COLUMNS, type SessionRow, sessionCsv, sessionRows, VALUE_COLUMNS, type ValueRow, valueCsv, valueRows } from './table.ts'
export type * from './verdict.ts'
export { type VerifyOptions, verify } from './verify.ts'
