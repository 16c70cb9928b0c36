// What a node learns from a message that passed its checks: ways, by the path it came over, and over whom a station speaks, by the word
// that it is. Nothing is learned from a path that cannot be (paths.ts).
import type { Clock } from '../base/ports.ts'
import type { Envelope } from '../ocpp/frame.ts'
import { ownWord } from './own-word.ts'
import type { Peer } from './peer.ts'
import type { Routes } from './routes.ts'
import type { SignatureState } from './signature.ts'
import type { Topology } from './topology.ts'
import type { TrustStore } from './trust.ts'

interface Pupil {
  readonly clock: Clock
  readonly routes: Routes
  readonly topology: Topology
  readonly trust?: TrustStore | undefined
}

/** A CALL or SEND came. */
export const learnFromCall = (envelope: Envelope, from: Peer, judged: SignatureState, { clock, routes, topology, trust }: Pupil): void => {
  const { path, header } = envelope
  if (!topology.paths.hold(envelope)) return
  const word = ownWord(envelope, judged, trust)
  routes.learn(path, from, {
    ...{ now: clock.now(), word: () => topology.words.news(path[0] as string, word) },
    ...(from.kind === 'station' && { role: 'station' }),
    ...(header.ocpp && from.kind === 'station' && { protocol: header.ocpp }),
  })
  topology.words.spoke(path, word)
}

/** An answer is no word of its origin: somebody may have put the question elsewhere to get one, so it teaches no way to who has a key. */
export const learnFromAnswer = (answer: Envelope, from: Peer, { clock, routes, topology }: Pupil): void => {
  if (topology.paths.hold(answer)) routes.learn(answer.path, from, { now: clock.now() })
}
