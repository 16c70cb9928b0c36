// The shapes of streams in the management API: those over links, and what stations and readers do with live events.
import { type Static, Type } from '@sinclair/typebox'

const Id = (description: string) => Type.String({ maxLength: 48, description })

export const StreamLinkView = Type.Object({
  peer: Id('the neighbour'),
  window: Type.Integer({ description: 'bytes of streams that may be under way on the link now' }),
  underWay: Type.Integer({ description: 'bytes that were sent, and that the neighbour has not taken yet' }),
  bytesPerSecond: Type.Integer({ description: 'what the line carried at last' }),
  sent: Type.Integer({ description: 'bytes of streams since the link is up' }),
  received: Type.Integer({ description: 'bytes of streams since the link is up' }),
  streams: Type.Array(
    Type.Object({
      id: Type.String({ description: 'the same on every hop' }),
      class: Type.String({ description: 'safety, control, billing, interactive, live, files, logs or background' }),
      waiting: Type.Integer({ description: 'bytes that wait here for the neighbour' }),
      credit: Type.Integer({ description: 'bytes that the other side takes beyond those' }),
    }),
  ),
})

export const LiveView = Type.Object({
  streams: Type.Array(
    Type.Object({
      station: Id('whose periodic event stream it is (OCPP 2.1 N11)'),
      id: Type.Integer({ description: 'the number that the station gave it' }),
      last: Type.Optional(
        Type.Object({ value: Type.String(), at: Type.String({ format: 'date-time', description: "by the station's clock" }) }),
      ),
      values: Type.Integer({ description: 'values since the stream is known here' }),
      perSecond: Type.Number({ description: 'values a second, of the last five' }),
      pending: Type.Integer({ description: 'values that the station holds back' }),
    }),
  ),
  readers: Type.Array(
    Type.Object({
      node: Id('who reads'),
      feed: Type.String({ description: 'journal or periodic' }),
      waiting: Type.Integer({ description: 'characters that wait for it' }),
      missed: Type.Integer({ description: 'events that found no room, and that it was told of, since it reads' }),
      paused: Type.Boolean({ description: 'whether it said so' }),
    }),
  ),
})

export type StreamLinkView = Static<typeof StreamLinkView>
export type LiveView = Static<typeof LiveView>
