// The section `time` of a configuration file: who vouches for the node's clock. Others whom it asks, or the operator for the machine's own.
import { type Static, Type } from '@sinclair/typebox'
import { NodeId } from './config-links.ts'

const strict = { additionalProperties: false }

export const TimeSection = Type.Union([
  Type.Object(
    {
      /** Nodes that are asked for the time; a station of OCPP 2.x takes it from their answers to its BootNotification and Heartbeat. */
      from: Type.Array(NodeId, { minItems: 1, maxItems: 8 }),
      everySeconds: Type.Optional(Type.Integer({ minimum: 10, maximum: 86_400 })),
    },
    strict,
  ),
  Type.Object(
    {
      /** The machine's clock is kept right by other means (NTS, GNSS), and wrong by no more than this, milliseconds. */
      machineBoundMs: Type.Integer({ minimum: 0, maximum: 30_000 }),
    },
    strict,
  ),
])
export type TimeSection = Static<typeof TimeSection>
