// The links of a node to other nodes: whoever dialled, both prove their keys, and only then the neighbour is attached. Stations'
// links are the network node's.
import { asFault, Fault } from '../base/fault.ts'
import type { Link } from '../base/ports.ts'
import { type HandshakeParts, type ProvenLink, proveLink } from '../overlay/handshake.ts'
import type { OverlayNode } from '../overlay/node.ts'
import { NodeLink } from '../overlay/node-link.ts'
import type { Peer } from '../overlay/peer.ts'
import type { TrustedKey } from '../overlay/trust.ts'

export interface NeighbourParts extends HandshakeParts {
  readonly overlay: OverlayNode
  /** Node ids of the uplinks; those in `awaits` dial this node. */
  readonly settings: { readonly uplinks: readonly string[]; readonly awaits?: readonly string[] }
  /** Attaches a newcomer where its name is free. */
  readonly join: (id: string, newcomer: Link, attach: () => void) => Promise<void>
  /** An uplink came up. */
  readonly risen: () => void
}

export class Neighbours {
  readonly #parts: NeighbourParts
  readonly #unwatch: () => void

  constructor(parts: NeighbourParts) {
    this.#parts = parts
    this.#unwatch = parts.trust.watch((key) => this.#keyListed(key))
  }

  /** A node dialled this one. Rejects with Fault `refused` when it does not prove its key. */
  async dialledIn(link: Link, { nodeId, bare = false }: { nodeId: string; bare?: boolean }): Promise<void> {
    if (bare) return this.#bareConnected(link, nodeId)
    const { settings, join, risen } = this.#parts
    const proven = await proveLink(link, { peer: nodeId, as: 'listener' }, this.#parts)
    const uplink = settings.awaits?.includes(nodeId) ?? false
    // whatever this node has to say goes up: an id alone is not enough to hear it
    if (uplink && !this.isProven({ id: nodeId, kid: proven.kid })) {
      proven.link.close(1008, 'the node key is not listed')
      throw new Fault('refused', `${nodeId} dialled in as an uplink, and no key is listed for it`, { rule: 'link-proof' })
    }
    await join(nodeId, proven.link, () => {
      this.#attach(proven, nodeId, uplink)
      if (uplink) risen()
    })
  }

  /** This node dialled one that is below it. Rejects as `upwards`. */
  async downwards(link: Link, nodeId: string): Promise<void> {
    const proven = await this.#dialled(link, nodeId)
    await this.#parts.join(nodeId, proven.link, () => this.#attach(proven, nodeId, false))
  }

  /** This node dialled one that is above it. Rejects with Fault `refused` when that does not prove its key. */
  async upwards(link: Link, nodeId: string): Promise<void> {
    const proven = await this.#dialled(link, nodeId)
    this.#parts.overlay.routes.direct(nodeId)?.close(1000, 'replaced by a new connection')
    this.#attach(proven, nodeId, true)
    this.#parts.risen()
  }

  /** Whether a neighbour proved a key that is listed for it; another is somebody of whom only the id is known. */
  isProven({ id, kid }: Pick<Peer, 'id' | 'kid'>): boolean {
    return kid !== undefined && this.#parts.trust.find(kid, 'link')?.node === id
  }

  stop(): void {
    this.#unwatch()
  }

  /** Another implementation, which has no proof of keys: nobody comes this way in the name of a node whose key is listed, or as an uplink. */
  async #bareConnected(link: Link, nodeId: string): Promise<void> {
    const { trust, settings, overlay, identity, clock, join } = this.#parts
    if (trust.knows(nodeId) || settings.uplinks.includes(nodeId)) {
      link.close(1008, 'the node key was not proven')
      throw new Fault('refused', `${nodeId} came with frames in which it cannot prove its key`, { rule: 'link-proof' })
    }
    const options = { self: identity.node, peer: nodeId, bare: true, clock }
    await join(nodeId, link, () => overlay.attach(new NodeLink(link, options, overlay), { role: 'node' }))
  }

  async #dialled(link: Link, peer: string): Promise<ProvenLink> {
    try {
      return await proveLink(link, { peer, as: 'dialler' }, this.#parts)
    } catch (error) {
      this.#parts.overlay.flaw(asFault(error), { id: peer })
      throw error
    }
  }

  #attach({ link, kid }: ProvenLink, peer: string, uplink: boolean): void {
    const { overlay, identity, clock } = this.#parts
    overlay.attach(new NodeLink(link, { self: identity.node, peer, kid, clock }, overlay), { role: 'node', uplink })
  }

  /** A key came to be listed, or counts no more: whoever holds a link in its node's name has to have proven one that counts. */
  #keyListed({ node }: TrustedKey): void {
    const { overlay } = this.#parts
    const present = overlay.routes.direct(node)
    if (present?.kind !== 'node' || this.isProven(present)) return
    const why = `${node} did not prove a key that is in force for it`
    overlay.flaw(new Fault('refused', why, { rule: 'link-proof' }), present)
    present.close(1008, 'the node key was not proven')
  }
}
