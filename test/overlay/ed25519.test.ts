// Nodes whose keys are Ed25519: everything that is signed is JWS, so each kind of message, proof and fact works with them too.

import { createPublicKey } from 'node:crypto'
import { flattenedVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { generatePureSigner } from '../../src/adapters/node-crypto.ts'
import { base64url } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { writeSpki } from '../../src/crypto/der.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { CALL, type Envelope, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { proveLink } from '../../src/overlay/handshake.ts'
import { isVouchedBy, keyOf, spkiText, vouch } from '../../src/overlay/key-document.ts'
import type { Identity } from '../../src/overlay/signature.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { memoryLinks } from '../support/memory-link.ts'
import { engine, makeGuard, virtualClock } from './support.ts'

const identityOf = (node: string): Identity => {
  const signer = generatePureSigner()
  return { node, kid: thumbprint(signer.publicKey, engine), signer }
}
const grid = identityOf('grid')
const station = identityOf('cs')
const clock = virtualClock()
const trust = new TrustStore(engine)
trust.add({ node: 'grid', role: 'grid-operator', publicKey: grid.signer.publicKey })
trust.add({ node: 'cs', role: 'station', publicKey: station.signer.publicKey })

const ORDER: Envelope = {
  destination: ['cs'],
  path: ['grid'],
  header: {},
  message: { type: CALL, id: '1', action: 'SetLimit', payload: payloadOf({ limit: 4200 }) },
}
const policy = { rules: [{ id: 'grid', role: 'grid-operator', actions: ['SetLimit'] }] }
const sealed = (): Envelope => makeGuard(clock, 'grid', { trust, identity: grid }).guard.sealCall(ORDER)
const admit = (order: Envelope) => makeGuard(clock, 'cs', { trust, policy, store: memoryStore() }).guard.admit(order, 'cs')

describe('with a key of Ed25519', () => {
  it('an order is obeyed, and not with another limit, or from another key', async () => {
    await expect(admit(sealed())).resolves.toBe('grid')
    const altered = { ...sealed(), message: { ...ORDER.message, payload: payloadOf({ limit: 0 }) } } as Envelope
    await expect(admit(altered)).rejects.toMatchObject({ data: { rule: 'signature-broken' } })
    const stranger = makeGuard(clock, 'grid', { trust, identity: { ...identityOf('grid'), kid: grid.kid } }).guard
    await expect(admit(stranger.sealCall(ORDER))).rejects.toMatchObject({ data: { rule: 'signature-broken' } })
  })

  it('a bare JOSE library verifies it', async () => {
    const [signature] = sealed().header.signatures ?? []
    const key = createPublicKey({ key: Buffer.from(writeSpki(grid.signer.publicKey)), format: 'der', type: 'spki' })
    const payload = base64url(new TextEncoder().encode(canonicalJson({ limit: 4200 })))
    const flattened = { protected: signature?.protected ?? '', signature: signature?.signature ?? '', payload }
    await expect(flattenedVerify(flattened, key)).resolves.toMatchObject({ protectedHeader: { alg: 'EdDSA', kid: grid.kid } })
  })

  it('an answer belongs to its question', () => {
    const question = sealed()
    const { guard } = makeGuard(clock, 'cs', { trust, identity: station })
    const answer = guard.sealAnswer(question, {
      destination: ['grid'],
      path: ['cs'],
      header: {},
      message: { type: RESULT, id: '1', payload: payloadOf({ status: 'Accepted' }) },
    })
    const asker = makeGuard(clock, 'grid', { trust, identity: grid }).guard
    expect(asker.inspect({ ...answer, question }, { id: 'cs' }, true)).toBe('valid')
    const other = { ...question, message: { ...question.message, payload: payloadOf({ limit: 1 }) } } as Envelope
    expect(() => asker.inspect({ ...answer, question: other }, { id: 'cs' }, true)).toThrow(/another question/)
  })

  it('a link is proven, and a document of keys is vouched for', async () => {
    const [near, far] = memoryLinks()
    const parts = { clock, random: fixedRandom(7), engine, trust }
    const proofs = await Promise.all([
      proveLink(near, { peer: 'cs', as: 'dialler' }, { ...parts, identity: grid }),
      proveLink(far, { peer: 'grid', as: 'listener' }, { ...parts, random: fixedRandom(8), identity: station }),
    ])
    expect(proofs.map(({ kid }) => kid)).toEqual([station.kid, grid.kid])
    const text = spkiText(grid.signer.publicKey)
    expect(keyOf(text, engine)).toEqual({ kid: grid.kid, publicKey: grid.signer.publicKey })
    const fact = { kind: 'root', seq: 1, key: text, next: station.kid, issued: 1 } as const
    const vouched = vouch(fact, [grid])
    expect(isVouchedBy(vouched, { kid: grid.kid, publicKey: grid.signer.publicKey }, engine)).toBe(true)
    expect(isVouchedBy({ ...vouched, fact: { ...fact, seq: 2 } }, { kid: grid.kid, publicKey: grid.signer.publicKey }, engine)).toBe(false)
  })
})
