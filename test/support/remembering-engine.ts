// An engine that remembers what it answered. Whether a signature verifies depends on nothing but key, message and signature, and mathematics takes most
// of the time of a question: tests that ask the same questions again, in another time zone or from another file, need not do it again.
import { createHash } from 'node:crypto'
import type { Engine } from '../../src/crypto/engine.ts'

export const remembering = (engine: Engine): Engine => {
  const known = new Map<string, boolean>()
  const once = (question: readonly (string | Uint8Array)[], answer: () => boolean): boolean => {
    const asked = createHash('sha256')
    for (const part of question) asked.update(`${part.length} `).update(part)
    const name = asked.digest('base64')
    const found = known.get(name) ?? answer()
    known.set(name, found)
    return found
  }
  return {
    digest: engine.digest,
    verifyEcdsa: (key, hash, message, signature) =>
      once(['ecdsa', key.curve, key.point, hash, message, signature], () => engine.verifyEcdsa(key, hash, message, signature)),
    verifyPure: (key, message, signature) =>
      once(['pure', key.scheme, key.bytes, message, signature], () => engine.verifyPure(key, message, signature)),
    verifyRsa: (key, hash, message, signature) =>
      once(['rsa', key.modulus, key.exponent, hash, message, signature], () => engine.verifyRsa(key, hash, message, signature)),
  }
}
