// The section `tunnel` of a configuration file: which addresses others may reach through this node, and which ports of this machine lead to
// addresses behind others.
import { isIP } from 'node:net'
import { type Static, Type } from '@sinclair/typebox'
import { NodeId } from './config-links.ts'

const strict = { additionalProperties: false }
const Port = Type.Integer({ minimum: 1, maximum: 65_535 })
/** A name or an address as it is asked for; no pattern, no port. */
const Host = Type.String({ pattern: '^[A-Za-z0-9:]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9:])?$' })
const Sealed = Type.Optional(Type.Literal(true))

export const TunnelSection = Type.Object(
  {
    allow: Type.Optional(
      Type.Array(
        Type.Object(
          { host: Host, port: Port, sealed: Sealed, roles: Type.Array(Type.String({ minLength: 1, maxLength: 32 }), { minItems: 1 }) },
          strict,
        ),
        { maxItems: 256 },
      ),
    ),
    idleSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
    connections: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    megabytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    /** 127.0.0.1 alone listens: whoever speaks there speaks with this node's name. */
    forward: Type.Optional(
      Type.Array(
        Type.Object(
          { listen: Type.Integer({ minimum: 0, maximum: 65_535 }), node: NodeId, host: Host, port: Port, sealed: Sealed },
          strict,
        ),
        {
          maxItems: 64,
        },
      ),
    ),
  },
  strict,
)
export type TunnelSection = Static<typeof TunnelSection>

/** What the schema cannot say. */
export const tunnelSense = ({
  tunnel,
  role,
}: {
  readonly tunnel?: TunnelSection
  readonly role: string
}): { pointer: string; text: string }[] => {
  const { allow = [], forward = [] } = tunnel ?? {}
  const found = [...allow.entries()].flatMap(([i, { host }]) => {
    const isName = !isIP(host)
    if (isName && host.toLowerCase() === 'localhost')
      return [{ pointer: `/tunnel/allow/${i}/host`, text: 'this machine is listed by its address (127.0.0.1), or not at all' }]
    if (isName && (host.includes(':') || /^[\d.]+$/.test(host)))
      return [{ pointer: `/tunnel/allow/${i}/host`, text: `${host} is neither a name nor an address` }]
    return []
  })
  if (tunnel && role === 'station') found.push({ pointer: '/tunnel', text: 'a station is no node of the network: it has no tunnels' })
  const ports = forward.map(({ listen }) => listen).filter((port) => port !== 0)
  if (new Set(ports).size < ports.length) found.push({ pointer: '/tunnel/forward', text: 'two entries listen on one port' })
  return found
}
