// The library door for browsers, and for whatever else has no node:crypto: the same names, with the engine in plain JavaScript.
import { portableEngine } from '../../src/crypto/portable.ts'
import { type Input, type Verdict, type VerifyOptions, verify as verifyWith } from '../../src/transparency/index.ts'

export { portableEngine } from '../../src/crypto/portable.ts'
export * from '../../src/transparency/index.ts'

/**
 * One question: all inputs together. Never rejects for anything that is in an input.
 * @param options `trust` and `keys` as inputs; `limits`; another `engine` or clock than the browser's own
 */
export const verify = (inputs: readonly Input[], options: Partial<VerifyOptions> = {}): Promise<Verdict> =>
  verifyWith(inputs, { engine: ENGINE, now: () => performance.now(), ...options })

const ENGINE = portableEngine()
