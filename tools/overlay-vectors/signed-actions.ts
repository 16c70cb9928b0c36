// Signed messages of OCPP Part 4 chapter 7, with the three algorithms it names: docs/protocol.md §4.9.
import { unbase64url } from '../../src/base/bytes.ts'
import { type RsaAlgorithm, type RsaSigner, rsaKey, rsaThumbprint } from '../../src/crypto/rsa.ts'
import { CALL, payloadOf, RESULT, SEND, writeFrame } from '../../src/ocpp/frame.ts'
import { type ActionSigner, type Wrappable, wrapAction } from '../../src/overlay/signed-action.ts'
import { backend, engine } from './keys.ts'

/** RFC 7515 appendix A.2.1: printed, so never to be used. */
const JWK = {
  kty: 'RSA',
  n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  e: 'AQAB',
  d: 'Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ',
} as const

const numberOf = (text: string): bigint => BigInt(`0x${Buffer.from(unbase64url(text)).toString('hex')}`)
const [N, D] = [numberOf(JWK.n), numberOf(JWK.d)]

const power = (base: bigint, exponent: bigint): bigint => {
  let [result, square] = [1n, base]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % N
    square = (square * square) % N
  }
  return result
}

/** DigestInfo up to the digest, RFC 8017 §9.2 note 1. */
const DIGEST_INFO = {
  'SHA-256': '3031300d060960864801650304020105000420',
  'SHA-384': '3041300d060960864801650304020205000430',
  'SHA-512': '3051300d060960864801650304020305000440',
} as const

/** RSASSA-PKCS1-v1_5 as RFC 8017 §8.2.1 writes it: deterministic, and slow, which is enough here. */
const rsa: RsaSigner = {
  rsaKey: rsaKey(unbase64url(JWK.n), unbase64url(JWK.e)),
  sign(hash, message) {
    const info = DIGEST_INFO[hash] + Buffer.from(engine.digest(hash, message)).toString('hex')
    const block = `0001${'ff'.repeat(256 - 3 - info.length / 2)}00${info}`
    return Uint8Array.from(
      Buffer.from(
        power(BigInt(`0x${block}`), D)
          .toString(16)
          .padStart(512, '0'),
        'hex',
      ),
    )
  },
}
const rsaBy = (alg: RsaAlgorithm): ActionSigner => ({ node: 'csms', kid: rsaThumbprint(rsa.rsaKey, engine), rsa, alg })
const SIGNERS: Readonly<Record<string, ActionSigner>> = { ES256: backend, RS256: rsaBy('RS256'), RS384: rsaBy('RS384') }

const MESSAGES: readonly { readonly action: string; readonly message: Wrappable }[] = [
  { action: 'Reset', message: { type: CALL, id: '7', action: 'Reset', payload: payloadOf({ type: 'OnIdle' }) } },
  {
    action: 'Heartbeat',
    message: { type: RESULT, id: '8', payload: payloadOf({ currentTime: '2026-01-01T00:00:00Z' }) },
  },
  {
    action: 'NotifyPeriodicEventStream',
    message: {
      type: SEND,
      id: '9',
      action: 'NotifyPeriodicEventStream',
      payload: payloadOf({ id: 1, pending: 0, basetime: '2026-01-01T00:00:00Z', data: [] }),
    },
  },
]

export const signedActionVectors = () => ({
  about: 'Plain frames and the same as signed messages of OCPP Part 4 chapter 7, by csms. docs/protocol.md §4.9',
  keys: { rsa: { source: 'RFC 7515 appendix A.2.1: never use it', kid: rsaThumbprint(rsa.rsaKey, engine), jwk: JWK }, ES256: backend.kid },
  messages: Object.entries(SIGNERS).flatMap(([alg, signer]) =>
    MESSAGES.map(({ action, message }) => ({
      alg,
      action,
      plain: writeFrame(message),
      signed: writeFrame(wrapAction(message, action, signer)),
    })),
  ),
})
