// The back end's side of the overlay: a message for it becomes a case for its desk, checked against the schema first,
// whatever box it came through. What comes from a station of its own was checked as it came in.

import { asFault, Fault } from '../base/fault.ts'
import type { Clock, Json } from '../base/ports.ts'
import { CALL, type Call, type Envelope, payloadOf, SEND, type Send } from '../ocpp/frame.ts'
import { flawFault, validateRequest } from '../ocpp/validate.ts'
import type { Local } from '../overlay/node.ts'
import type { Peer } from '../overlay/peer.ts'
import type { Judgement } from '../overlay/signature.ts'
import type { JsonObject } from './behaviours/behaviour.ts'
import type { CsmsDesk } from './csms-desk.ts'
import { JOURNAL_NOTE, type JournalNotes } from './journal-notes.ts'
import { LINK_REPORT, type LinkReports } from './link-reports.ts'

export interface CsmsParts {
  readonly desk: CsmsDesk
  readonly clock: Clock
  readonly links: () => LinkReports
  readonly notes: () => JournalNotes
  /** Told of a SEND that could not be kept: nobody waits for an answer to it. */
  readonly flaw: (fault: Fault) => void
  /** Whether a message was signed by a key of its origin that counts now; without it nobody has such a key. */
  readonly signedByOrigin?: (envelope: Envelope) => boolean
}

/** Whether a key of its origin that counts now is among those that signed, and for this addressee: a report may come late, a claim may not. */
export const isByOrigin = (judgements: readonly Judgement[], origin: string): boolean =>
  judgements.some((j) => j.state === 'valid' && !j.countersigns && j.key.node === origin && j.claims.aud !== '')

export const csmsLocal = (parts: CsmsParts): Local => {
  /** A message as a case for the desk; its payload must fit its schema. */
  const handled = (envelope: Envelope, message: Call | Send, from?: Peer): Promise<Json> => {
    const { path, header } = envelope
    const version = header.ocpp ?? 'ocpp2.1'
    const flaw = from?.kind === 'station' ? undefined : validateRequest(version, message.action, message.payload.value)
    if (flaw) return Promise.reject(flawFault(flaw, message.action))
    return parts.desk.handle({
      station: path[0] as string,
      version,
      id: message.id,
      action: message.action,
      payload: message.payload.value as JsonObject,
      at: parts.clock.now(),
      path,
      signed: Boolean(header.signatures?.length),
      isProven: () => (from?.proven === true && path.length === 1) || parts.signedByOrigin?.(envelope) === true,
      ...(header.answered !== undefined && { answered: header.answered }),
    })
  }
  return {
    async call(envelope, from) {
      if (envelope.message.type !== CALL) throw new Fault('internal', 'only a CALL can be answered')
      return payloadOf(await handled(envelope, envelope.message, from))
    },
    told(envelope) {
      const { message, path } = envelope
      if (message.type !== SEND) return
      if (message.action === LINK_REPORT) parts.links().heard(path[0] as string, message.payload.value)
      else if (message.action === JOURNAL_NOTE) parts.notes().heard(path[0] as string, message.payload.value)
      else handled(envelope, message).catch((error) => parts.flaw(asFault(error)))
    },
  }
}

/** What a node answers that has no use case of its own: it exists, and does not do that. */
export const noLocal: Local = {
  call: ({ message }) =>
    Promise.reject(
      new Fault('remote-error', `${'action' in message ? message.action : 'this'} is not something this node does`, {
        code: 'NotSupported',
      }),
    ),
}
