// What a node of the overlay is made of and told; node.ts says what it does with it.
import type { Fault } from '../base/fault.ts'
import type { Clock, Random } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Envelope, Payload } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'
import type { Findings } from './findings.ts'
import type { Gatekeeper } from './gatekeeper.ts'
import type { Screen } from './passage.ts'
import type { Peer } from './peer.ts'
import type { Sighting } from './sighting.ts'
import type { Identity, SignatureState } from './signature.ts'
import type { TrustStore } from './trust.ts'
import type { Uplinks } from './uplinks.ts'

/** What a node does with messages that end at it. */
export interface Local {
  /** Answers a CALL that came over `from`; a station's link has checked its payload. Rejects with a Fault to refuse it. */
  call(envelope: Envelope, from?: Peer): Promise<Payload>
  /** Takes a SEND. */
  told?(envelope: Envelope): void
}

export interface NodeParts {
  readonly clock: Clock
  readonly random: Random
  readonly gatekeeper: Gatekeeper
  readonly local: Local
  /** Chooses among several uplinks; all count the same where not given. */
  readonly choice?: Uplinks
  /** Looks at all that is forwarded or delivered; nothing is looked at without it. */
  readonly firewall?: Screen
  /** With which key this node says who is attached to it, and whose word it takes; without them all of that is unproven. */
  readonly identity?: Identity
  readonly trust?: TrustStore
  readonly engine?: Engine
  /** Sees every message after it was handled; must not throw. */
  readonly observe?: (look: () => Sighting) => void
  /** Told when places come and go. */
  readonly moved?: (ids: readonly string[]) => void
  readonly flaw?: (fault: Fault, peer: string) => void
  /** Told when this node itself refused a message by a rule. */
  readonly refused?: (fault: Fault) => void
}

export interface CallOptions {
  readonly ocpp: Version
  readonly timeoutMs?: number
}

/** An answer, and what was found of its signatures. */
export interface Served {
  readonly answer: Envelope
  readonly signature: SignatureState
}

/** The same to a question of this node's own, as that went out, and the way it came. */
export interface Asked extends Served {
  readonly question: Envelope
  readonly peer?: Peer
}

/** What an answer that comes back belongs to: the question as it went on, and as it came. */
export interface Returning {
  readonly passed: Envelope
  readonly asked: Envelope
  /** Whether the answer ends at this node. */
  readonly here: boolean
  readonly findings?: Findings
}
