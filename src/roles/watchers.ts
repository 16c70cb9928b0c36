// Who is told what happens at a node, and of what: an event that nobody wants need not be made.
import type { Cancel } from '../base/ports.ts'
import type { NodeEvent } from './network-settings.ts'

export type Watcher = (event: NodeEvent) => void

export const NODE_EVENTS: readonly NodeEvent['type'][] = ['message', 'journal', 'note', 'moved', 'links']

export class Watchers {
  readonly #wanted = new Map<NodeEvent['type'], Set<Watcher>>(NODE_EVENTS.map((type) => [type, new Set()]))

  /** Tells `watcher` of events of these types until it is cancelled. */
  add(watcher: Watcher, types: readonly NodeEvent['type'][]): Cancel {
    for (const type of types) this.#wanted.get(type)?.add(watcher)
    return () => {
      for (const watchers of this.#wanted.values()) watchers.delete(watcher)
    }
  }

  wants(type: NodeEvent['type']): boolean {
    return (this.#wanted.get(type)?.size ?? 0) > 0
  }

  tell(event: NodeEvent): void {
    for (const watcher of this.#wanted.get(event.type) ?? []) watcher(event)
  }
}
