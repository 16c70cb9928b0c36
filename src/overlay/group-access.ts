// Who may subscribe to which group, where somebody listed that. Without a list a group is for all who ask (docs/protocol.md §3.6).

/** Who a node was shown to be: its role is that of its key. */
export interface Subscriber {
  readonly node: string
  readonly role: string
  /** Whether its statement was verified with a key that is listed for it. */
  readonly proven: boolean
}

export class GroupAccess {
  readonly #lists = new Map<string, ReadonlySet<string>>()

  /** @param who roles, and `node:`ids */
  limit(group: string, who: readonly string[]): void {
    this.#lists.set(`@${group}`, new Set(who))
  }

  /** @param whom a role, which nobody subscribes to, or a group with its `@` */
  allows(whom: string, { node, role, proven }: Subscriber): boolean {
    const list = this.#lists.get(whom)
    return list === undefined || (proven && (list.has(role) || list.has(`node:${node}`)))
  }
}
