// The back end's side of the overlay: a message for it becomes a case for its desk, checked against the schema first,
// whatever box it came through.

import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/ports.ts'
import { CALL, payloadOf } from '../ocpp/frame.ts'
import { flawFault, validateRequest } from '../ocpp/validate.ts'
import type { Local } from '../overlay/node.ts'
import type { JsonObject } from './behaviours/behaviour.ts'
import type { CsmsDesk } from './csms-desk.ts'
import type { LinkReports } from './link-reports.ts'
import { LINK_REPORT } from './link-reports.ts'

export const csmsLocal = (parts: { desk: CsmsDesk; clock: Clock; links: () => LinkReports }): Local => ({
  async call({ message, path, header }) {
    if (message.type !== CALL) throw new Fault('internal', 'only a CALL can be answered')
    const version = header.ocpp ?? 'ocpp2.1'
    const flaw = validateRequest(version, message.action, message.payload.value)
    if (flaw) throw flawFault(flaw, message.action)
    const answer = await parts.desk.handle({
      station: path[0] as string,
      version,
      id: message.id,
      action: message.action,
      payload: message.payload.value as JsonObject,
      at: parts.clock.now(),
      path,
      signed: Boolean(header.signatures?.length),
      ...(header.answered !== undefined && { answered: header.answered }),
    })
    return payloadOf(answer)
  },
  told({ message, path }) {
    if ('action' in message && message.action === LINK_REPORT && 'payload' in message)
      parts.links().heard(path[0] as string, message.payload.value)
  },
})

/** What a node answers that has no use case of its own: it exists, and does not do that. */
export const noLocal: Local = {
  call: ({ message }) =>
    Promise.reject(
      new Fault('remote-error', `${'action' in message ? message.action : 'this'} is not something this node does`, {
        code: 'NotSupported',
      }),
    ),
}
