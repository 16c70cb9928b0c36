// The library door for Node: `import { verify } from 'chargeproof/transparency'`. The verifier, with OpenSSL for its engine.
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { nodeOpeners } from '../../src/adapters/node-openers.ts'
import { type Input, type Verdict, type VerifyOptions, verify as verifyWith } from '../../src/transparency/index.ts'

export { nodeEngine } from '../../src/adapters/node-crypto.ts'
export { portableEngine } from '../../src/crypto/portable.ts'
export * from '../../src/transparency/index.ts'

/**
 * One question: all inputs together. Never rejects for anything that is in an input.
 * @param options `trust` and `keys` as inputs; `limits`; another `engine`, reader of pictures (`openers`) or clock than Node's own
 */
export const verify = (inputs: readonly Input[], options: Partial<VerifyOptions> = {}): Promise<Verdict> =>
  verifyWith(inputs, { engine: ENGINE, openers: nodeOpeners, now: () => performance.now(), ...options })

const ENGINE = nodeEngine()
