// What names one TLS session and no other: both ends of it get the same 32 bytes, and whoever stands between two sessions cannot make
// them the same (RFC 9266). Nodes sign them along when they prove their keys (docs/protocol.md §3.1.1).
import { TLSSocket } from 'node:tls'

/** `required`: a link over TLS is bound to its session. `off`: a proxy may end TLS on the way. */
export type ChannelBinding = 'required' | 'off'

/** Undefined without TLS; empty below TLS 1.3, where the value names a session only with an extension that cannot be seen from here (RFC 9266 §4). */
export const exporterOf = (socket: unknown): Uint8Array | undefined => {
  if (!(socket instanceof TLSSocket)) return undefined
  if (socket.getProtocol() !== 'TLSv1.3') return new Uint8Array()
  return new Uint8Array(socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)))
}
