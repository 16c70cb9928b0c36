// The section `keys` of a configuration file: the operator's root, and how old its word on revocations may be.
import { type Static, Type } from '@sinclair/typebox'

export const KeysSection = Type.Object(
  {
    /** A file with the root and the first revocations, below the data directory. */
    root: Type.String({ minLength: 1 }),
    maxAgeHours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 24 * 366 })),
  },
  { additionalProperties: false },
)
export type KeysSection = Static<typeof KeysSection>

/** The certificate authority that answers stations which ask for a certificate. */
export const AuthoritySection = Type.Object(
  {
    /** A folder below the data directory. */
    folder: Type.String({ minLength: 1 }),
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650 })),
    /** By station id: SHA-256, hex, of the key that its request is for. An operator's word for who cannot prove to be that station. */
    release: Type.Optional(Type.Record(Type.String({ minLength: 1, maxLength: 48 }), Type.String({ pattern: '^[0-9a-f]{64}$' }))),
  },
  { additionalProperties: false },
)

const HOUR_MS = 3_600_000
/** A station may be cut off for weeks; a node that is, is broken. */
const MAX_AGE_HOURS = { station: 30 * 24, node: 7 * 24 } as const

/** How long revocations count as known, milliseconds. */
export const maxAgeMs = ({ maxAgeHours }: KeysSection, role: string): number =>
  (maxAgeHours ?? MAX_AGE_HOURS[role === 'station' ? 'station' : 'node']) * HOUR_MS
