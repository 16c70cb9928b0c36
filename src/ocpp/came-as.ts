// The text that an object was read from, kept in the object itself under a name that nobody else can say. Whoever makes another object of
// it, by adding a signature say, makes one that came as nothing: the text cannot say something else than the object beside it.

/** @param text JSON; whoever reads the object may not change it in place */
export const cameAs = (read: object, text: string): void => void new Came(read, text)

/** Undefined for what was made here. */
export const textOf = (object: object): string | undefined => Came.textOf(object)

/** A constructor that gives back another object: what derives from it puts its private fields there (ECMA-262 §10.2.2). */
class Itself {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what it is for
    return object
  }
}

class Came extends Itself {
  readonly #text: string

  constructor(object: object, text: string) {
    super(object)
    this.#text = text
  }

  static textOf(object: object): string | undefined {
    return #text in object ? object.#text : undefined
  }
}
