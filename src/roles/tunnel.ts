// Tunnels: a stream to a node, and from there a TCP connection to an address that its operator listed, for the roles he listed. What is
// not listed is not reachable (docs/protocol.md §13.4). Sockets are in adapters/tunnel.ts.
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json } from '../base/ports.ts'
import type { Journal } from '../overlay/journal.ts'
import type { ByteStream, StreamRequest, Streams } from '../overlay/streams/stream.ts'
import type { TrustStore } from '../overlay/trust.ts'

/** The purpose of such a stream; its details are `{host, port}`. */
export const TUNNEL = 'tunnel'

export interface TunnelTarget {
  /** As it is asked for, and dialled: a name or an address, no pattern. */
  readonly host: string
  readonly port: number
  /** Roles of those who may ask. */
  readonly roles: readonly string[]
  /** Whether nobody between may be able to read it. */
  readonly sealed?: boolean
}

export interface TunnelSettings {
  readonly allow: readonly TunnelTarget[]
  /** A tunnel over which nothing moves for so long ends. 300 */
  readonly idleSeconds?: number
  /** Tunnels at the same time. 8 */
  readonly connections?: number
  /** Of one tunnel, both ways together. 64 */
  readonly megabytes?: number
}

/** A TCP connection. */
export interface Wire {
  readonly received: AsyncIterable<Uint8Array>
  /** Resolves when there is room for more. Rejects with Fault `unreachable`: `link-lost` would have the stream look for another way. */
  write(bytes: Uint8Array): Promise<void>
  /** Nothing more comes from here. */
  end(): void
  close(): void
}

export interface TunnelParts {
  readonly clock: Clock
  readonly trust: Pick<TrustStore, 'roleOf'>
  readonly journal: Pick<Journal, 'write'>
  /** Looks the name up once, refuses what no listed name may mean, and dials that address. Rejects with Fault `refused` or `unreachable`. */
  dial(target: TunnelTarget): Promise<Wire>
}

const MEGABYTE = 1024 * 1024

export const offerTunnels = (streams: Pick<Streams, 'offer'>, settings: TunnelSettings, parts: TunnelParts): void => {
  const { connections = 8 } = settings
  let open = 0
  streams.offer(TUNNEL, async (request, from) => {
    const target = await admitted(request, from, { settings, parts })
    if (open >= connections) throw new Fault('queue-full', `there are ${open} tunnels already`)
    open += 1
    const done = (): void => {
      open -= 1
    }
    const wire = await parts.dial(target).catch((thrown) => {
      done()
      throw asFault(thrown, 'unreachable')
    })
    return {
      run: async (stream) => {
        const end = await joined(stream, wire, limits(settings, parts.clock)).finally(done)
        await parts.journal.write({ kind: 'tunnel', subject: from, text: `the tunnel to ${nameOf(target)} is over: ${end}` })
      },
    }
  })
}

/**
 * Joins a wire that came to this node to a tunnel from another: who speaks there speaks to the target.
 * @throws Fault as `Streams.open`; then the wire is closed
 */
export const openTunnel = async (
  streams: Pick<Streams, 'open'>,
  node: string,
  target: { host: string; port: number; sealed?: boolean },
  wire: Wire,
): Promise<void> => {
  const { host, port, sealed = false } = target
  try {
    const stream = await streams.open(node, { purpose: TUNNEL, class: 'interactive', details: { host, port }, sealed })
    await joined(stream, wire, { moved: () => undefined, stop: () => undefined })
  } finally {
    wire.close()
  }
}

/** The entry of the list that was asked for; a Fault for everything else, and a line in the journal for both. */
const admitted = async (
  { details, sealed = false }: StreamRequest,
  from: string,
  { settings, parts }: { settings: TunnelSettings; parts: TunnelParts },
): Promise<TunnelTarget> => {
  const { host, port } = details as { readonly host?: Json; readonly port?: Json }
  const role = parts.trust.roleOf(from)
  const listed = settings.allow.find((entry) => entry.host === host && entry.port === port)
  const asked = listed ? nameOf(listed) : `${String(host).slice(0, 80)}:${String(port).slice(0, 8)}`
  const isSealed = sealed || !listed?.sealed
  if (listed && isSealed && role !== undefined && listed.roles.includes(role)) {
    await parts.journal.write({ kind: 'tunnel', subject: from, text: `opened a tunnel to ${asked}` })
    return listed
  }
  const why = !listed ? 'it is not listed' : isSealed ? `${role ?? 'a stranger'} is not among the roles for it` : 'it would not be sealed'
  await parts.journal.write({ kind: 'security', subject: from, rule: 'tunnel', text: `asked for a tunnel to ${asked}: ${why}` })
  // whoever may not know what is listed does not learn it from the answer
  throw new Fault('refused', 'refused by rule tunnel: this address is not listed for that role', { rule: 'tunnel' })
}

interface Limits {
  /** So many bytes went over; throws Fault `limit-exceeded` beyond the bound. */
  moved(bytes: number, idle: (fault: Fault) => void): void
  stop(): void
}

const limits = ({ idleSeconds = 300, megabytes = 64 }: TunnelSettings, clock: Clock): Limits => {
  let left = megabytes * MEGABYTE
  let timer: Cancel | undefined
  return {
    moved(bytes, idle) {
      timer?.()
      timer = clock.after(idleSeconds * 1000, () => idle(new Fault('timeout', `nothing moved for ${idleSeconds} s`)))
      left -= bytes
      if (left < 0) throw new Fault('limit-exceeded', `a tunnel carries ${megabytes} MiB at most`)
    },
    stop: () => timer?.(),
  }
}

/** Both ways until both are over; resolves with how it ended. */
const joined = async (stream: ByteStream, wire: Wire, bounds: Limits): Promise<string> => {
  const give = (fault: Fault): void => {
    stream.reset(fault)
    wire.close()
  }
  const up = async (): Promise<void> => {
    for await (const bytes of stream.received) {
      bounds.moved(bytes.length, give)
      // a socket may hold them longer than the stream does
      await wire.write(bytes.slice())
    }
    wire.end()
  }
  const down = async (): Promise<void> => {
    for await (const bytes of wire.received) {
      bounds.moved(bytes.length, give)
      await stream.write(bytes)
    }
    await stream.end()
  }
  bounds.moved(0, give)
  try {
    await Promise.all([up(), down()])
    return 'both sides are done'
  } catch (thrown) {
    const fault = asFault(thrown, 'unreachable')
    give(fault)
    return fault.message
  } finally {
    bounds.stop()
    wire.close()
  }
}

const nameOf = ({ host, port }: TunnelTarget): string => `${host}:${port}`
