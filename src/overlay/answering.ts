// Of the actions that end at a node some are one part's own: each of these parts stands before the rest, which it does not know.
import type { Json } from '../base/ports.ts'
import { type Envelope, payloadOf } from '../ocpp/frame.ts'
import type { Local } from './node-parts.ts'

/** How an action is answered, by the value of the answer's payload; nothing where it is another part's. */
export type Answering = (action: string) => ((envelope: Envelope, payload: Json) => Promise<Json>) | undefined

/** What `answering` answers, and everything else as `local` does, without a detour. */
export const answeringBefore = (local: Local, answering: Answering): Local => ({
  ...(local.told && { told: (envelope: Envelope) => local.told?.(envelope) }),
  call(envelope, from) {
    const { message } = envelope
    if (!('action' in message)) return local.call(envelope, from)
    const answer = answering(message.action)
    return answer ? answer(envelope, message.payload.value).then(payloadOf) : local.call(envelope, from)
  },
})
