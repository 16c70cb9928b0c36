// When a measurement has settled. V8 compiles for seconds, on other threads too, and what is measured meanwhile is its compiler more than
// the code: so turns go on until nothing has got quicker for as many of them as the plan has.

/** Less than this much of the least so far is still getting quicker; less of a change the machine's noise makes, too. */
const QUICKER = 0.97
/** Times the turns of the plan, whatever still gets quicker. */
const MOST = 8

export class Settling<Name extends string> {
  readonly #rounds: number
  readonly #least: Partial<Record<Name, number>> = {}
  #turns = 0
  #quicker = 0

  /** @param rounds turns of the plan */
  constructor(rounds: number) {
    this.#rounds = rounds
  }

  /** Whether another turn is to be measured. */
  get goesOn(): boolean {
    return this.#turns < Math.min(this.#quicker + this.#rounds, MOST * this.#rounds)
  }

  /** A turn was measured. */
  turned(values: Readonly<Record<Name, number>>): void {
    this.#turns++
    for (const name of Object.keys(values) as Name[]) {
      const [value, least = Number.POSITIVE_INFINITY] = [values[name], this.#least[name]]
      if (value < QUICKER * least) this.#quicker = this.#turns
      this.#least[name] = Math.min(value, least)
    }
  }

  /** Whether the turns of the plan are done, and no more than these: what was measured until here is from before. */
  get isEarly(): boolean {
    return this.#turns === this.#rounds
  }

  /** Of each, in any turn. */
  get least(): Readonly<Partial<Record<Name, number>>> {
    return { ...this.#least }
  }
}
