// A condition on a payload: the one language in which the policy and the firewall speak of what a message says.
import { pointerAll } from '../base/json-pointer.ts'
import type { Json } from '../base/ports.ts'

/** The pointer is RFC 6901, where a segment `*` stands for every element; all found values must satisfy it, and at least one must be there. */
export interface Condition {
  readonly pointer: string
  readonly min?: number
  readonly max?: number
  readonly in?: readonly (string | number | boolean)[]
  /** The member may be missing altogether. */
  readonly optional?: boolean
}

/** Why a payload does not meet the first condition that it does not meet, or nothing. */
export const unmet = (conditions: readonly Condition[] | undefined, payload: Json): string | undefined => {
  for (const condition of conditions ?? []) {
    const reason = failure(condition, payload)
    if (reason !== undefined) return reason
  }
  return undefined
}

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
