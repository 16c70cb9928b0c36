// Who may ask for what. Rules are data, read in order; what no rule accepts is refused (deny by default). The first rule
// that was meant for the message but whose conditions fail is the one a refusal names.
import type { Json } from '../base/ports.ts'
import { type Condition, unmet } from './condition.ts'

export interface Rule {
  readonly id: string
  /** The role that must have signed, or `anyone`: then no signature is needed. */
  readonly role: string
  /** OCPP action names, or `*`. */
  readonly actions: readonly string[]
  readonly where?: readonly Condition[]
  /** Longest life of a signed order, in seconds; 60 unless given. */
  readonly maxAgeSeconds?: number
}

export interface Policy {
  readonly rules: readonly Rule[]
}

export type Decision =
  | { readonly accepted: true; readonly rule: Rule }
  | { readonly accepted: false; readonly rule: string; readonly reason: string }

/** Decides over a message by its action, its payload, and the roles whose valid signatures it carries. */
export const decide = (policy: Policy, message: { action: string; payload: Json; roles: readonly string[] }): Decision => {
  let nearest: { rule: string; reason: string } | undefined
  for (const rule of policy.rules) {
    if (!rule.actions.includes('*') && !rule.actions.includes(message.action)) continue
    if (rule.role !== 'anyone' && !message.roles.includes(rule.role)) continue
    const failed = unmet(rule.where, message.payload)
    if (failed === undefined) return { accepted: true, rule }
    nearest ??= { rule: rule.id, reason: failed }
  }
  if (nearest) return { accepted: false, ...nearest }
  const reason =
    message.roles.length === 0
      ? `${message.action} without a signature is not accepted here`
      : `the role ${message.roles.join(', ')} may not ask for ${message.action}`
  return { accepted: false, rule: 'deny-by-default', reason }
}
