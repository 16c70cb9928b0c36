// Which node holds which station: by its own statement, and one at a time. A second node that claims a station does not get it while
// the first still says it is there; the first is asked to look (docs/protocol.md §3.4).
import type { Version } from '../ocpp/version.ts'

export interface Claim {
  readonly node: string
  /** Whether the node's statement was verified with its key. */
  readonly proven: boolean
  readonly protocol?: Version
}

interface Held {
  holder: Claim
  /** Others that claim it, in the order they came. */
  readonly others: Map<string, Claim>
}

export class Claims {
  readonly #held = new Map<string, Held>()
  /** Claims that were not confirmed in time, by node: they count no more until the node takes them back. */
  readonly #barred = new Map<string, Set<string>>()

  holder(station: string): Claim | undefined {
    return this.#held.get(station)?.holder
  }

  /**
   * A node says that a station is attached to it. `taken`: it holds the station now; `kept`: it held it before; `contested`: another does;
   * `barred`: it claimed in vain before.
   */
  claim(station: string, claim: Claim): 'taken' | 'kept' | 'contested' | 'barred' {
    const held = this.#held.get(station)
    if (this.#barred.get(claim.node)?.has(station)) return 'barred'
    if (!held) {
      this.#held.set(station, { holder: claim, others: new Map() })
      return 'taken'
    }
    if (held.holder.node === claim.node) {
      held.holder = claim
      return 'kept'
    }
    // what nobody proved gives way: to proof, and to whoever came last; who lost it so does not get it back by saying it again
    if (!held.holder.proven && !claim.proven && held.others.has(claim.node)) return 'barred'
    if (!held.holder.proven) {
      held.others.delete(claim.node)
      held.others.set(held.holder.node, held.holder)
      held.holder = claim
      return 'taken'
    }
    held.others.set(claim.node, claim)
    return 'contested'
  }

  /** A node no longer claims a station. Returns whether somebody else holds it now, or nobody; undefined where nothing changed. */
  release(station: string, node: string): { readonly holder: Claim | undefined } | undefined {
    this.#unbar(station, node)
    const held = this.#held.get(station)
    if (!held) return undefined
    held.others.delete(node)
    if (held.holder.node !== node) return undefined
    const next = [...held.others.values()].find(({ proven }) => proven) ?? [...held.others.values()].at(-1)
    if (next) {
      held.others.delete(next.node)
      held.holder = next
    } else {
      this.#held.delete(station)
    }
    return { holder: next }
  }

  /** The station itself was heard by way of this claimant: that one has it, whatever was thought of its claim before. Returns who had it until now. */
  confirm(station: string, claim: Claim): string | undefined {
    this.#unbar(station, claim.node)
    const held = this.#held.get(station)
    if (!held) this.#held.set(station, { holder: claim, others: new Map() })
    if (!held || held.holder.node === claim.node) return undefined
    const before = held.holder
    held.others.delete(claim.node)
    held.others.set(before.node, before)
    held.holder = claim
    return before.node
  }

  /** A contest is over, and the holder still holds. Returns whether the claim was open until now. */
  bar(station: string, node: string): boolean {
    if (!this.#held.get(station)?.others.delete(node)) return false
    const barred = this.#barred.get(node) ?? new Set()
    barred.add(station)
    this.#barred.set(node, barred)
    return true
  }

  #unbar(station: string, node: string): void {
    const barred = this.#barred.get(node)
    barred?.delete(station)
    if (barred?.size === 0) this.#barred.delete(node)
  }
}
