// The shapes of releases and roll-outs in the management API.
import { type Static, type TSchema, Type } from '@sinclair/typebox'
import type { Json } from '../../base/ports.ts'

const Time = Type.String({ description: 'RFC 3339, UTC' })
const maybe = <T extends TSchema>(type: T) => Type.Optional(type)

export const SignedReleaseBody = Type.Object(
  {
    release: Type.Unsafe<Json>({ type: 'object', description: 'docs/protocol.md §13.1' }),
    signatures: Type.Array(Type.Object({ protected: Type.String(), signature: Type.String() }), { maxItems: 4 }),
  },
  { additionalProperties: false, description: 'as `chargeproof firmware sign` writes it' },
)
export const ReleaseView = Type.Object({
  id: Type.String(),
  vendor: Type.String(),
  model: Type.String(),
  version: Type.String(),
  bytes: Type.Integer(),
  sha256: Type.String(),
  file: Type.Boolean({ description: 'whether the file is here' }),
})
export const PlanBody = Type.Unsafe<Json>({ type: 'object', description: 'a plan: docs/operations.md, "Firmware"' })
export const RolledStation = Type.Object({
  station: Type.String(),
  state: Type.String({ description: 'waiting, ordering, unknown, ordered, installed, failed, skipped or withdrawn' }),
  status: maybe(Type.String({ description: 'the last that the station said of its update' })),
  reason: maybe(Type.String()),
  heardAt: Time,
})
export const RollOutView = Type.Object({
  id: Type.String(),
  release: Type.String(),
  version: Type.String(),
  state: Type.String({ description: 'planned, running, paused, stopped, cancelled or done' }),
  reason: maybe(Type.String()),
  stage: Type.Integer({ description: 'from 1' }),
  stages: Type.Integer(),
  counts: Type.Record(Type.String(), Type.Integer(), { description: 'stations by state' }),
})
export const RollOutDetail = Type.Composite([RollOutView, Type.Object({ stations: Type.Array(RolledStation) })])
export const CommandBody = Type.Object(
  {
    command: Type.Union([Type.Literal('pause'), Type.Literal('resume'), Type.Literal('cancel')]),
    retry: maybe(Type.Boolean({ description: 'with resume: what failed is tried again' })),
  },
  { additionalProperties: false },
)
export const UploadBody = Type.Object(
  { station: Type.String({ maxLength: 48 }), folder: Type.String({ maxLength: 255 }) },
  { additionalProperties: false },
)
export const AddressView = Type.Object({ url: Type.String({ description: 'for that station alone, once' }) })

export type ReleaseView = Static<typeof ReleaseView>
export type RollOutView = Static<typeof RollOutView>
export type RollOutDetail = Static<typeof RollOutDetail>
export type CommandBody = Static<typeof CommandBody>
