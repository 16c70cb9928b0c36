// Whether a certificate was taken back before the measurement, by the lists that were given (RFC 5280 §6.3). A list counts only if
// the one who issued the certificate signed it. Where there is no list of that issuer, nothing is asked; where there is one, it must tell.
import type { Engine } from '../crypto/engine.ts'
import { type Link, signedBy } from './chains.ts'
import type { FoundList } from './found.ts'
import type { KeySignerReport } from './verdict.ts'

export class Revocations {
  readonly #engine: Engine
  readonly #lists: ReadonlyMap<string, readonly FoundList[]>
  /** By the key that should have signed it. */
  readonly #known = new Map<FoundList, Map<object, boolean>>()
  /** Lists of which an issuer was asked for; and those that it had signed. */
  readonly named = new Set<FoundList>()
  readonly used = new Set<FoundList>()

  constructor(lists: readonly FoundList[], engine: Engine) {
    this.#lists = Map.groupBy(lists, ({ list }) => list.issuer)
    this.#engine = engine
  }

  /**
   * Why the link does not count for a measurement; undefined where it does.
   * @param last milliseconds since 1970, of the last reading
   */
  of(link: Link, last: number): Omit<KeySignerReport, 'issuer'> | undefined {
    const { by, notAfter = Infinity } = link.voucher
    const named = 'certificate' in by ? (this.#lists.get(by.certificate) ?? []) : []
    if (!('certificate' in by) || named.length === 0) return undefined
    const telling = named.filter((found) => this.#holds(found, link)).map(({ list }) => list)
    const from = Math.min(...telling.map(({ revoked }) => revoked.get(by.serial) ?? Infinity))
    if (from <= last)
      return { state: 'revoked', detail: from === -Infinity ? 'its key was stolen' : `since ${new Date(from).toISOString()}` }
    // a list says nothing of what came after it, and later lists forget certificates that have ended (RFC 5280 §3.3)
    const covered = telling.some(({ thisUpdate, nextUpdate }) => nextUpdate >= last && thisUpdate <= notAfter)
    return covered ? undefined : { state: 'revocation-unknown', detail: `no list of ${link.voucher.issuer} tells of that time` }
  }

  #holds(found: FoundList, { signer }: Link): boolean {
    const { list } = found
    this.named.add(found)
    const known = this.#known.get(found) ?? new Map<object, boolean>()
    this.#known.set(found, known)
    const holds =
      known.get(signer) ??
      (list.algorithm !== undefined && signer.certificate?.revokes === true && signedBy(signer.key, list, this.#engine))
    known.set(signer, holds)
    if (holds) this.used.add(found)
    return holds && list.strange.length === 0
  }
}
