// The policy of a running node as its operators see and set it: the views of the API over the holder, and deliveries to others.
import { asFault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { payloadOf, RESULT } from '../ocpp/frame.ts'
import { SET_POLICY } from '../overlay/policy-delivery.ts'
import type { PolicyDocument } from '../overlay/policy-document.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import type { DeliveryView, PolicyAnswer, PolicyView } from './http/policy-views.ts'
import type { Management } from './management.ts'
import { policyFlaw } from './policy-file.ts'

/** For a delivery to come back with its answer. */
const DELIVERY_MS = 30_000

export const policyOperations = (network: NetworkNode): NonNullable<Management['policy']> => {
  const { policy } = network
  return {
    state: () => stateView(policy.state()),
    put: async (document) => ({ ...(await policy.put(document)) }),
    rehearse: (document) => {
      const flaw = policyFlaw(document)
      if (flaw === undefined) policy.rehearse(document as Partial<PolicyDocument> as PolicyDocument)
      return flaw
    },
    endRehearsal: () => policy.endRehearsal(),
    deliver: (nodes, document) => Promise.all(nodes.map((node) => deliver(network, node, document))),
  }
}

/** The answer of the node, or why there is none: a depot of 200 must not fail for one that is off. */
const deliver = async (network: NetworkNode, node: string, document: Json): Promise<DeliveryView> => {
  try {
    if (node === network.id) return { node, ...(await network.policy.put(document)) }
    const ocpp = network.overlay.routes.place(node)?.protocol ?? 'ocpp2.1'
    const { answer } = await network.ask(node, SET_POLICY, payloadOf(document), { ocpp, timeoutMs: DELIVERY_MS })
    const { message } = answer
    if (message.type === RESULT) return { ...(message.payload.value as Partial<PolicyAnswer> as PolicyAnswer), node }
    return { node, status: 'error', reason: 'description' in message ? message.description : 'no answer' }
  } catch (error) {
    return { node, status: 'error', reason: asFault(error).message }
  }
}

const stateView = (state: ReturnType<NetworkNode['policy']['state']>): PolicyView => {
  const { rehearsal, refusals, rejected, since, ...rest } = state
  return {
    ...rest,
    policy: asJson(state.policy),
    refusals: refusals.map(dated),
    rejected: rejected.map(dated),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
    ...(rehearsal && {
      rehearsal: {
        ...rehearsal,
        policy: asJson(rehearsal.policy),
        refusals: rehearsal.refusals.map(dated),
        differences: rehearsal.differences.map(dated),
      },
    }),
  }
}

const dated = <T extends { readonly at: number }>(entry: T): Omit<T, 'at'> & { at: string } => ({
  ...entry,
  at: new Date(entry.at).toISOString(),
})
/** A policy holds nothing but JSON; interfaces just have no index signature. */
const asJson = (policy: object): Json => policy as Json
