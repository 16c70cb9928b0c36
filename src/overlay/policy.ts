// Who may ask for what. Rules are data, read in order; what no rule accepts is refused (deny by default). The first rule
// that was meant for the message but whose conditions fail is the one a refusal names.
import { pointerAll } from '../base/json-pointer.ts'
import type { Json } from '../base/ports.ts'

/** A condition on the payload. The pointer is RFC 6901, where a segment `*` stands for every element; all found values must satisfy it, and at least one must be there. */
export interface Condition {
  readonly pointer: string
  readonly min?: number
  readonly max?: number
  readonly in?: readonly (string | number | boolean)[]
  /** The member may be missing altogether. */
  readonly optional?: boolean
}

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
    const failed = rule.where?.map((condition) => failure(condition, message.payload)).find((reason) => reason !== undefined)
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

/** Why a payload does not meet a condition, or nothing. */
const failure = (condition: Condition, payload: Json): string | undefined => {
  const found = pointerAll(payload, condition.pointer)
  if (found.length === 0) return condition.optional ? undefined : `${condition.pointer} is missing`
  for (const value of found) {
    const shown = JSON.stringify(value)?.slice(0, 40)
    if (condition.in && !condition.in.includes(value as string))
      return `${condition.pointer} is ${shown}, allowed: ${condition.in.join(', ')}`
    if (condition.min === undefined && condition.max === undefined) continue
    if (typeof value !== 'number') return `${condition.pointer} is ${shown}, expected a number`
    if (condition.min !== undefined && value < condition.min)
      return `${condition.pointer} is ${shown}, at least ${condition.min} is allowed`
    if (condition.max !== undefined && value > condition.max) return `${condition.pointer} is ${shown}, at most ${condition.max} is allowed`
  }
  return undefined
}
