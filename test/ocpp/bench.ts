// A connection with its other end laid bare: tests say raw frames and see raw frames.
import { Fault } from '../../src/base/fault.ts'
import type { Json, Link } from '../../src/base/ports.ts'
import { type Answer, Connection, type ConnectionHandler, type ConnectionOptions } from '../../src/ocpp/connection.ts'
import { CALL, type Call, payloadOf, RESULT, SEND, type Send } from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { memoryLinks } from '../support/memory-link.ts'
import { settle, type VirtualClock, virtualClock } from '../support/virtual-clock.ts'

export const TIME = '2025-01-01T00:00:00Z'
export const call = (id: string, action = 'Heartbeat', payload: Json = {}): Call => ({
  type: CALL,
  id,
  action,
  payload: payloadOf(payload),
})
export const send = (id: string, payload: Json): Send => ({
  type: SEND,
  id,
  action: 'NotifyPeriodicEventStream',
  payload: payloadOf(payload),
})
export const result = (id: string, payload: Json = { currentTime: TIME }): Answer => ({ type: RESULT, id, payload: payloadOf(payload) })

export interface Bench {
  readonly connection: Connection
  readonly clock: VirtualClock
  /** The other end of the link, bare. */
  readonly peer: Link
  /** Frames and the close that the other end was told. */
  readonly wire: string[]
  readonly flaws: string[]
  readonly closed: string[]
  /** Sends a raw frame from the other end, and waits until it has had its effect. */
  say(...frames: (string | Uint8Array)[]): Promise<void>
}

export const bench = (version: Version, handler: Partial<ConnectionHandler> = {}, options: Partial<ConnectionOptions> = {}): Bench => {
  const [own, peer] = memoryLinks()
  const clock = virtualClock()
  const wire: string[] = []
  const flaws: string[] = []
  const closed: string[] = []
  peer.open({ text: (frame) => wire.push(frame), binary: () => wire.push('binary'), closed: (code) => wire.push(`closed ${code}`) })
  const connection = new Connection(
    own,
    { version, clock, ...options },
    {
      call: async ({ id }) => result(id),
      closed: (code, reason) => closed.push(`${code} ${reason}`),
      flaw: ({ code, message }) => flaws.push(`${code}: ${message}`),
      ...handler,
    },
  )
  const say = async (...frames: (string | Uint8Array)[]): Promise<void> => {
    for (const frame of frames) peer.send(frame)
    await settle()
  }
  return { connection, clock, peer, wire, flaws, closed, say }
}

export const faultOf = async (promise: Promise<unknown>): Promise<Fault> => {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Fault)) throw new Error(`expected a Fault, got ${thrown}`)
  return thrown
}

/** A promise to settle by hand, and whether anybody settled it. */
export const deferred = <T>() => Promise.withResolvers<T>()
