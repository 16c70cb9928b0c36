// The element `chargingStation` that some programs put beside the values of a SAFE XML: address, connectors, operator. Nobody signed it,
// so it is shown as such and decides nothing.
import type { UnsignedDetail } from '../reading.ts'

const NAME = 'chargingStation'
const MAX_DETAILS = 50
const MAX_LENGTH = 500

/** Listens to the events of a parser. Every text and attribute gets the path of its elements as its name. */
export class StationDetails {
  readonly details: UnsignedDetail[] = []
  readonly #path: string[] = []
  #text = ''

  /** @param depth of the element; the document's root is 1 */
  open(
    local: string,
    attributes: Readonly<Record<string, { readonly local: string; readonly prefix: string; readonly value: string }>>,
    depth: number,
  ): void {
    if (this.#path.length === 0 && !(depth === 2 && local === NAME)) return
    this.#path.push(local)
    this.#text = ''
    for (const { local: own, prefix, value } of Object.values(attributes))
      if (own !== 'xmlns' && prefix !== 'xmlns') this.#add([...this.#path, own], value)
  }

  text(more: string): void {
    if (this.#path.length > 0 && this.#text.length < MAX_LENGTH) this.#text += more
  }

  close(): void {
    if (this.#path.length === 0) return
    this.#add(this.#path, this.#text)
    this.#text = ''
    this.#path.pop()
  }

  #add(path: readonly string[], value: string): void {
    const shown = value.trim().slice(0, MAX_LENGTH)
    if (shown !== '' && this.details.length < MAX_DETAILS) this.details.push({ name: path.join('.').slice(0, MAX_LENGTH), value: shown })
  }
}
