// The frames of the one other overlay implementation (docs/protocol.md §2.1): ours without the header. Signatures of ours are not
// sent, its own are members of the payload and stay where they are.
import { type Envelope, ERROR, type FrameLimits, RESULT_ERROR, readEnvelope, writeEnvelope } from '../ocpp/frame.ts'
import { anycast } from './destinations.ts'
import { isHousekeeping } from './sighting.ts'

/** It speaks this version and no other. */
export const BARE_VERSION = 'ocpp2.1'

/** Ids that it reserves for whoever is the back end. */
const BACK_END: readonly string[] = ['CSMS', 'CentralSystem']

/** Reads a frame of `peer`. It may leave itself out of the path; a header that it may have written means nothing. */
export const readBare = (text: string, peer: string, limits?: FrameLimits): Envelope => {
  const envelope = readEnvelope(text, limits)
  const path = envelope.path.at(-1) === peer ? envelope.path : [...envelope.path, peer]
  const { destination, message } = envelope
  const isMeant = 'action' in message && BACK_END.includes(destination.at(-1) as string)
  return {
    ...envelope,
    destination: isMeant ? [...destination.slice(0, -1), anycast('csms')] : destination,
    path,
    header: { ocpp: BARE_VERSION },
  }
}

/**
 * Undefined for a CALLRESULTERROR, for which it has no frame, and for the news of our network, which it does not know. The path of a
 * CALLERROR is always a list: it reads no other.
 */
export const writeBare = (envelope: Envelope): string | undefined => {
  const { destination, path, message } = envelope
  if (message.type === RESULT_ERROR || isHousekeeping(envelope)) return undefined
  const frame = writeEnvelope({ ...envelope, header: {} })
  if (message.type !== ERROR || path.length > 1) return frame
  const [head, only] = [`[${ERROR},${JSON.stringify(destination.length === 1 ? destination[0] : destination)},`, JSON.stringify(path[0])]
  return `${head}[${only}]${frame.slice(head.length + only.length)}`
}
