// Connections that stand on a client certificate: cut when that is taken back, and not only refused the next time. Who may connect is
// admission.ts; a list that cannot be used stops newcomers there, and says nothing here of those who were let in before.
import type { Cancel, Clock, Link } from '../base/ports.ts'

/** Three looks in the minute within which a revocation is to be in force. */
export const LOOK_MS = 20_000

export interface Standing {
  readonly id: string
  /** Of the certificate it was let in with, hexadecimal. */
  readonly serial: string
  readonly remoteAddress: string
}

export interface StandingParts {
  readonly clock: Clock
  readonly lookMs?: number | undefined
  /** Which of these the authority took back; none where that cannot be known. */
  readonly takenBack: (serials: Iterable<string>) => Promise<ReadonlySet<string>>
  /** Told of each connection that is cut. */
  readonly cut: (standing: Standing) => void
}

export class StandingCertificates {
  readonly #parts: StandingParts
  readonly #standing = new Map<Link, Standing>()
  #timer: Cancel | undefined

  constructor(parts: StandingParts) {
    this.#parts = parts
  }

  /** @returns what ends the watch: the connection is gone */
  watch(link: Link, standing: Standing): () => void {
    this.#standing.set(link, standing)
    this.#wait()
    return () => {
      this.#standing.delete(link)
      if (this.#standing.size > 0) return
      this.#timer?.()
      this.#timer = undefined
    }
  }

  #wait(): void {
    this.#timer ??= this.#parts.clock.after(this.#parts.lookMs ?? LOOK_MS, () => void this.#look())
  }

  async #look(): Promise<void> {
    this.#timer = undefined
    const serials = new Set([...this.#standing.values()].map(({ serial }) => serial))
    const taken = await this.#parts.takenBack(serials)
    for (const [link, standing] of this.#standing) {
      if (!taken.has(standing.serial)) continue
      this.#standing.delete(link)
      this.#parts.cut(standing)
      link.close(1008, 'the client certificate was revoked')
    }
    if (this.#standing.size > 0) this.#wait()
  }
}
