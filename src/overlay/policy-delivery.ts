// The action that carries a policy to a node over the overlay. The document is its own authority: who brings it does not count,
// and no rule of the policy that it replaces can lock it out.
import { asFault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Answer } from '../ocpp/connection.ts'
import { type Call, ERROR, payloadOf, RESULT } from '../ocpp/frame.ts'
import { answeringBefore } from './answering.ts'
import type { Local } from './node-parts.ts'
import type { PolicyHolder } from './policy-holder.ts'

/** Payload `{policy, signatures}`, answered with `{status, version, flaw?, reason?}`. */
export const SET_POLICY = 'org.chargeproof.SetPolicy'

/** A node that takes policies, and leaves everything else to `local`. */
export const takingPolicies = (local: Local, holder: Pick<PolicyHolder, 'put'>): Local =>
  answeringBefore(local, (action) => (action === SET_POLICY ? (_envelope, document) => put(holder, document) : undefined))

/** The same for a station, whose connection waits for an answer. Nothing for any other action. */
export const answerPolicy = (holder: Pick<PolicyHolder, 'put'>, { id, action, payload }: Call): Promise<Answer> | undefined => {
  if (action !== SET_POLICY) return undefined
  return put(holder, payload.value).then(
    (outcome): Answer => ({ type: RESULT, id, payload: payloadOf(outcome) }),
    (error): Answer => ({
      type: ERROR,
      id,
      code: 'InternalError',
      description: asFault(error).message,
      details: payloadOf({ fault: asFault(error).code }),
    }),
  )
}

const put = async (holder: Pick<PolicyHolder, 'put'>, value: Json): Promise<Json> => ({ ...(await holder.put(value)) })
