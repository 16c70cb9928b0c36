// The section `time` of a configuration file: who vouches for the node's clock. Others whom it asks, or the operator for the machine's own.
import { type Static, Type } from '@sinclair/typebox'
import { NodeId } from './config-links.ts'

export const TimeSection = Type.Object(
  {
    /** Nodes that are asked for the time; a station of OCPP 2.x takes it from their answers to its BootNotification and Heartbeat. */
    from: Type.Optional(Type.Array(NodeId, { minItems: 1, maxItems: 8 })),
    /** How many of `from` must tell the same time. */
    agree: Type.Optional(Type.Integer({ minimum: 1, maximum: 8 })),
    everySeconds: Type.Optional(Type.Integer({ minimum: 10, maximum: 86_400 })),
    /** The machine's clock is kept right by other means (NTS, GNSS), and wrong by no more than this, milliseconds. */
    machineBoundMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 30_000 })),
  },
  { additionalProperties: false },
)
export type TimeSection = Static<typeof TimeSection>

/** What the schema cannot say: somebody vouches for the clock, and not two. */
export const timeSense = ({ time }: { readonly time?: TimeSection }): { pointer: string; text: string }[] => {
  const { from, agree = 1 } = time ?? {}
  // two halves could agree on two times
  if (agree > 1 && (agree > (from?.length ?? 0) || agree * 2 <= (from?.length ?? 0)))
    return [{ pointer: '/time/agree', text: `expected 1, or more than half of the ${from?.length ?? 0} nodes in "from"` }]
  if (!time || (time.from === undefined) !== (time.machineBoundMs === undefined)) return []
  return [{ pointer: '/time', text: 'either others are asked ("from"), or the clock of the machine is right ("machineBoundMs")' }]
}
