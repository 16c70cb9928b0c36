// The links of a configuration file: the neighbours that a node dials, and how.
import { Type } from '@sinclair/typebox'

const strict = { additionalProperties: false }
export const NodeId = Type.String({ pattern: '^[A-Za-z0-9_=.|@+\\-]{1,48}$' })
export const Tls = Type.Object(
  { cert: Type.Optional(Type.String()), key: Type.Optional(Type.String()), ca: Type.Optional(Type.String()) },
  strict,
)
const Url = Type.String({ pattern: '^wss?://' })
export const PingSeconds = Type.Optional(Type.Number({ minimum: 0.1, maximum: 300 }))
/** Whether the link is bound to its TLS session. */
export const ChannelBinding = Type.Optional(Type.Union([Type.Literal('required'), Type.Literal('off')]))
const dialled = {
  node: NodeId,
  url: Url,
  password: Type.Optional(Type.String()),
  tls: Type.Optional(Tls),
  channelBinding: ChannelBinding,
}
export const Downlink = Type.Object(dialled, strict)
export const Uplink = Type.Object(
  {
    ...dialled,
    urls: Type.Optional(Type.Array(Url)),
    mode: Type.Optional(Type.Union([Type.Literal('overlay'), Type.Literal('standard'), Type.Literal('mirror')])),
    /** `overlay`: which of several is used. */
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    weight: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    stableSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 86_400 })),
    pingSeconds: PingSeconds,
    /** `standard` and `mirror`: a station's own password is shown to the back end. */
    passPassword: Type.Optional(Type.Boolean()),
    /** `standard`: whether payloads are held against their schemas. */
    validate: Type.Optional(Type.Union([Type.Literal('strict'), Type.Literal('pass')])),
    /** `mirror`: messages kept on disk. */
    outbox: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  },
  strict,
)
