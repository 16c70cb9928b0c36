// What was found out about an object, kept in the object itself under a name that nobody else can say: cheaper than a map from object to
// value, and gone with the object. Whoever makes another object of it, by adding a signature say, makes one of which nothing is known.

/** A place for one value in any object. Whoever reads the object may not change it in place. */
export interface Beside<Value> {
  /** Undefined where nothing was kept. */
  readonly of: (object: object) => Value | undefined
  readonly keep: (object: object, value: Value) => Value
}

export const beside = <Value>(): Beside<Value> => {
  class Kept extends Itself {
    #value: Value

    constructor(object: object, value: Value) {
      super(object)
      this.#value = value
    }

    static of(object: object): Value | undefined {
      return #value in object ? object.#value : undefined
    }

    static keep(object: object, value: Value): Value {
      if (#value in object) object.#value = value
      else new Kept(object, value)
      return value
    }
  }
  return Kept
}

/** A constructor that gives back another object: what derives from it puts its private fields there (ECMA-262 §10.2.2). */
class Itself {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what it is for
    return object
  }
}
