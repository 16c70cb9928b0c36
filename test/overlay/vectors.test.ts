// The golden vectors of the overlay: that the script still makes these very bytes, and that programs which share no code with it agree.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { calculateJwkThumbprint, flattenedVerify, importJWK, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { base64url, utf8, utf8Text } from '../../src/base/bytes.ts'
import { readPublicKey } from '../../src/crypto/key.ts'
import { readEnvelope, readFrame, type SignatureObject, writeEnvelope, writeFrame } from '../../src/ocpp/frame.ts'
import { readBare, writeBare } from '../../src/overlay/bare-frames.ts'
import { foldSignatures, liftSignatures } from '../../src/overlay/custom-data.ts'
import { judgeSignature } from '../../src/overlay/signature.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { FOLDER, overlayVectors } from '../../tools/overlay-vectors.ts'

const made = await overlayVectors()
const kept = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')
const parsed = (name: string) => JSON.parse(kept(name))

describe('tools/overlay-vectors.ts', () => {
  it.each([...made.keys()])('makes %s as it is kept', (name) => {
    expect(kept(name)).toBe(made.get(name))
  })

  it('makes every file there is', () => {
    expect(readdirSync(FOLDER).sort()).toEqual([...made.keys()].sort())
  })
})

interface Key {
  readonly name: string
  readonly node: string
  readonly role: string
  readonly trusted: boolean
  readonly kid: string
  readonly jwk: JWK
  readonly pem: string
}
const keys: readonly Key[] = parsed('keys.json').keys
const keyOf = (kid: string): Key => {
  const key = keys.find((each) => each.kid === kid)
  if (!key) throw new Error(`expected a key ${kid}`)
  return key
}

describe('keys.json', () => {
  it.each(keys)('$name: kid is the RFC 7638 thumbprint, as jose computes it', async ({ kid, jwk, pem }) => {
    expect(await calculateJwkThumbprint(jwk, 'sha256')).toBe(kid)
    const key = readPublicKey(pem)
    const point = 'curve' in key ? key.point : new Uint8Array()
    expect([base64url(point.subarray(0, 32)), base64url(point.subarray(32))]).toEqual([jwk.x, jwk.y])
  })
})

interface FrameVector {
  readonly name: string
  readonly plain: string
  readonly overlay: string
  readonly destination: string[]
  readonly path: string[]
  readonly header: object
}

describe('frames.json', () => {
  const { frames, tolerated, refused } = parsed('frames.json')

  it('has all five message types', () => {
    expect([...new Set(frames.map(({ plain }: FrameVector) => Number(plain[1])))].sort()).toEqual([2, 3, 4, 5, 6])
  })

  it.each(frames as FrameVector[])('$name', ({ plain, overlay, destination, path, header }) => {
    const envelope = readEnvelope(overlay)
    expect(envelope).toMatchObject({ destination, path, header })
    expect(writeEnvelope(envelope)).toBe(overlay)
    expect(writeFrame(envelope.message)).toBe(plain)
    expect(readFrame(plain)).toEqual(envelope.message)
    // the rest of the plain frame stands in the overlay frame byte by byte
    expect(overlay).toContain(plain.slice(3, -1))
  })

  it.each(tolerated as { name: string; overlay: string; forwarded: string }[])('takes $name', ({ overlay, forwarded }) => {
    expect(writeEnvelope(readEnvelope(overlay))).toBe(forwarded)
  })

  it.each(refused as { name: string; plain?: string; overlay?: string; fault: string }[])('refuses $name', ({ plain, overlay, fault }) => {
    expect(() => (plain === undefined ? readEnvelope(overlay ?? '') : readFrame(plain))).toThrow(expect.objectContaining({ code: fault }))
  })
})

interface Explained {
  readonly frame: string
  readonly protectedHeader: { readonly kid: string; readonly req?: string }
  readonly canonicalPayload: string
  readonly signingInput: string
  readonly signature: SignatureObject
}

describe.each([
  ['order', parsed('signatures.json').order],
  ['report', parsed('signatures.json').report],
  ['answer', parsed('answers.json').answer],
] as [string, Explained][])('the signature of the %s', (_name, { frame, protectedHeader, canonicalPayload, signingInput, signature }) => {
  const { kid, jwk } = keyOf(protectedHeader.kid)

  it('is over the header and the canonical payload of the frame', () => {
    expect(readEnvelope(frame).header.signatures).toEqual([signature])
    expect(JSON.parse(utf8Text(Buffer.from(signature.protected, 'base64url')))).toEqual(protectedHeader)
    expect(signingInput).toBe(`${signature.protected}.${Buffer.from(canonicalPayload).toString('base64url')}`)
    const { message } = readEnvelope(frame)
    expect(JSON.parse(canonicalPayload)).toEqual('payload' in message ? message.payload.value : undefined)
  })

  it('verifies with jose, and not over another payload', async () => {
    const { d: _secret, ...publicJwk } = jwk
    const key = await importJWK({ ...publicJwk, alg: 'ES256' })
    const jws = { ...signature, payload: base64url(utf8(canonicalPayload)) }
    expect((await flattenedVerify(jws, key)).protectedHeader?.kid).toBe(kid)
    await expect(flattenedVerify({ ...jws, payload: base64url(utf8(`${canonicalPayload} `)) }, key)).rejects.toThrow('verification failed')
  })
})

describe('handshake.json', () => {
  const handshake = parsed('handshake.json')

  it.each(['dialler', 'listener'])('the proof of the %s is over both hellos and its own end, as jose verifies', async (end) => {
    const { transcript, protectedHeader, proof } = handshake[end]
    expect(JSON.parse(transcript)).toEqual({ by: end, dialler: handshake.dialler.hello[1], listener: handshake.listener.hello[1] })
    const { d: _secret, ...publicJwk } = keyOf(protectedHeader.kid).jwk
    const key = await importJWK({ ...publicJwk, alg: 'ES256' })
    const verified = await flattenedVerify({ ...proof[1], payload: base64url(utf8(transcript)) }, key)
    expect(verified.protectedHeader).toEqual(protectedHeader)
    const other = handshake[end === 'dialler' ? 'listener' : 'dialler'].transcript
    await expect(flattenedVerify({ ...proof[1], payload: base64url(utf8(other)) }, key)).rejects.toThrow('verification failed')
  })

  it.each(['dialler', 'listener'])('over TLS the proof of the %s names the session too', async (end) => {
    const { exporter, ...ends } = handshake.bound
    const { transcript, protectedHeader, proof, hello } = ends[end]
    expect(hello[1].binding).toBe('tls-exporter')
    expect(JSON.parse(transcript)).toEqual({ by: end, dialler: ends.dialler.hello[1], listener: ends.listener.hello[1], exporter })
    const { d: _secret, ...publicJwk } = keyOf(protectedHeader.kid).jwk
    const key = await importJWK({ ...publicJwk, alg: 'ES256' })
    const bare = JSON.stringify({ ...JSON.parse(transcript), exporter: undefined })
    await flattenedVerify({ ...proof[1], payload: base64url(utf8(transcript)) }, key)
    await expect(flattenedVerify({ ...proof[1], payload: base64url(utf8(bare)) }, key)).rejects.toThrow('verification failed')
  })

  it('has a refusal beside every kind of good handshake', () => {
    const outcomes = handshake.judgements.map(({ outcome }: { outcome: string }) => outcome)
    expect(outcomes.filter((outcome: string) => outcome === 'proven')).toHaveLength(3)
    expect(outcomes.filter((outcome: string) => outcome === 'not proven')).toHaveLength(1)
    expect(outcomes.filter((outcome: string) => outcome === 'refused').length).toBeGreaterThan(10)
  })
})

interface Judged {
  readonly name: string
  readonly frame: string
  readonly question?: string
  readonly at: number
  readonly judgement: string
}

/** SHA-256 over the canonical list, by node:crypto and from the text in the vector alone. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

describe('judgements', () => {
  const engine = nodeEngine()
  const trust = new TrustStore(engine)
  for (const { node, role, pem } of keys.filter((key) => key.trusted)) trust.add({ node, role, publicKey: readPublicKey(pem) })
  const { hashed, req } = parsed('answers.json')
  const judge = ({ frame, question, at }: Judged): string => {
    const { message, header, destination } = readEnvelope(frame)
    const asked = question === undefined ? undefined : readEnvelope(question)
    const named = asked?.message ?? message
    const subject = {
      message,
      action: 'action' in named ? named.action : '',
      audience: (asked ? asked.path[0] : destination.at(-1)) as string,
      // the vector's own hash belongs to its own question and to no other
      ...(asked && { questionHash: question === parsed('answers.json').question ? hashOf(hashed) : hashOf('another') }),
    }
    const [signature] = header.signatures ?? []
    const judgement = judgeSignature(signature as SignatureObject, subject, { trust, engine, nowSeconds: at })
    return judgement.state === 'valid' ? 'valid' : judgement.flaw
  }

  it.each(parsed('signatures.json').judgements as Judged[])('$name: $judgement', (vector) => {
    expect(judge(vector)).toBe(vector.judgement)
  })

  it.each(parsed('answers.json').judgements as Judged[])('answer $name: $judgement', (vector) => {
    expect(judge(vector)).toBe(vector.judgement)
  })

  it('req is the hash of action, message id and payload of the question', () => {
    const { message } = readEnvelope(parsed('answers.json').question)
    expect(hashOf(hashed)).toBe(req)
    expect(JSON.parse(hashed)).toEqual('action' in message ? [message.action, message.id, message.payload.value] : [])
    expect(parsed('answers.json').answer.protectedHeader.req).toBe(req)
  })

  it('cover every flaw that a judge can find', () => {
    const found = [...parsed('signatures.json').judgements, ...parsed('answers.json').judgements].map(({ judgement }: Judged) => judgement)
    expect([...new Set(found)].sort()).toEqual(
      [
        'valid',
        'malformed',
        'unknown-key',
        'wrong-issuer',
        'wrong-audience',
        'wrong-message',
        'other-question',
        'not-yet-valid',
        'expired',
        'broken',
      ].sort(),
    )
  })
})

describe('bare-frames.json', () => {
  const { read, written } = parsed('bare-frames.json')

  it.each(read as { name: string; frame: string; onward: string }[])('reads $name', ({ frame, onward }) => {
    expect(writeEnvelope(readBare(frame, 'lc9'))).toBe(onward)
    // from the message id on it is the frame byte by byte
    const id = /"[89]0000\d",/.exec(frame)
    expect(onward).toContain(frame.slice(id?.index, -1))
  })

  it.each(written as { name: string; overlay: string; frame: string | null }[])('writes $name', ({ overlay, frame }) => {
    expect(writeBare(readEnvelope(overlay)) ?? null).toBe(frame)
    expect(frame ?? '').not.toContain('"protected"')
  })
})

describe('custom-data.json', () => {
  const { folded } = parsed('custom-data.json')

  it.each(folded as { name: string; payload: object; signatures: SignatureObject[]; plain: object }[])(
    '$name',
    ({ payload, signatures, plain }) => {
      const text = (value: object) => ({ text: JSON.stringify(value), value: value as never })
      expect(foldSignatures(text(payload), signatures).value).toEqual(plain)
      const lifted = liftSignatures(text(plain))
      expect(lifted.payload.value).toEqual(payload)
      expect(lifted.signatures).toEqual(signatures)
    },
  )
})

describe('replay.json', () => {
  /** RFC 4303 §3.4.3 in its plainest form: the highest number, and all that were seen. */
  const plainest = (numbers: readonly number[]): boolean[] => {
    const seen = new Set<number>()
    return numbers.map((seq) => {
      const counts = !seen.has(seq) && seq > Math.max(0, ...seen) - 1024
      if (counts) seen.add(seq)
      return counts
    })
  }

  it.each(parsed('replay.json').sequences as { name: string; arrivals: { seq: number; counts: boolean }[] }[])('$name', ({ arrivals }) => {
    expect(plainest(arrivals.map(({ seq }) => seq))).toEqual(arrivals.map(({ counts }) => counts))
  })
})

describe('counts.json', () => {
  interface Sequence {
    readonly name: string
    readonly arrivals: readonly {
      readonly at: number
      readonly cnt: { readonly own?: number; readonly low: number; readonly top: number }
    }[]
    readonly missed: readonly { readonly at: number; readonly rule: string; readonly missing?: string }[]
  }
  /** In its plainest form: what the newest word speaks of, from the first `low` on, less what came. */
  const plainest = (arrivals: Sequence['arrivals']): number[] => {
    const came = new Set(arrivals.map(({ cnt }) => cnt.own))
    const [first, last] = [Math.min(...arrivals.map(({ cnt }) => cnt.low)), arrivals.at(-1)?.cnt.top ?? 0]
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i).filter((number) => !came.has(number))
  }
  const numbers = (ranges: string): number[] =>
    ranges.split(', ').flatMap((range) => {
      const [from = 0, to = from] = range.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    })
  const sequences = parsed('counts.json').sequences as Sequence[]

  it.each(sequences.filter(({ name }) => !name.startsWith('an old')))('$name', ({ arrivals, missed }) => {
    const gaps = missed.filter(({ rule }) => rule === 'reports-missing')
    expect(gaps.flatMap(({ missing }) => numbers(missing ?? ''))).toEqual(plainest(arrivals))
    // ten seconds after the last honest word at most
    for (const { at } of gaps) expect(at).toBeLessThanOrEqual(10)
  })

  it.each(sequences.filter(({ name }) => name.startsWith('an old') || name === 'silence'))('$name', ({ missed }) =>
    expect(missed.filter(({ rule }) => rule === 'reports-silent')).toHaveLength(1),
  )
})

describe('all-kinds.json', () => {
  const { error, send, resultError, countersigned, judgements } = parsed('all-kinds.json')

  it.each([
    ['error', error],
    ['send', send],
    ['resultError', resultError],
  ])('%s: jose verifies what is signed', async (_name, { frame, signed }) => {
    const [signature] = readEnvelope(frame).header.signatures as [SignatureObject]
    const { kid } = JSON.parse(utf8Text(Uint8Array.from(Buffer.from(signature.protected, 'base64url'))))
    const { d: _, ...jwk } = keyOf(kid).jwk
    const key = await importJWK(jwk, 'ES256')
    await flattenedVerify({ ...signature, payload: base64url(utf8(signed)) }, key)
    await expect(flattenedVerify({ ...signature, payload: base64url(utf8(`${signed} `)) }, key)).rejects.toThrow()
  })

  it('a countersignature holds the hash of what stands before it, and of what was answered', () => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')
    expect(sha256(countersigned.over)).toBe(countersigned.ovr)
    expect(sha256(countersigned.answered)).toBe(countersigned.ans)
    const [, second] = readEnvelope(countersigned.frame).header.signatures as SignatureObject[]
    const claims = JSON.parse(Buffer.from(second?.protected ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ as: 'countersigner', ovr: countersigned.ovr, ans: countersigned.ans })
  })

  it('nothing but what was countersigned is valid in whole', () => {
    const good = judgements.filter((row: { judgements: string[] }) => row.judgements.every((found) => found === 'valid'))
    expect(good).toHaveLength(1)
    expect(good[0].name).toBe('as it was countersigned')
  })
})

describe('signed-actions.json', () => {
  const { keys: named, messages } = parsed('signed-actions.json')

  it.each(messages as { alg: string; action: string; plain: string; signed: string }[])(
    '$alg $action',
    async ({ alg, action, plain, signed }) => {
      const { d: _, ...jwk } = alg === 'ES256' ? keyOf(named.ES256).jwk : named.rsa.jwk
      const { payload, protectedHeader } = await flattenedVerify(JSON.parse(signed).at(-1), await importJWK(jwk, alg))
      expect(JSON.parse(utf8Text(payload))).toEqual(JSON.parse(plain).at(-1))
      expect(protectedHeader).toMatchObject({ alg, OCPPAction: action, kid: await calculateJwkThumbprint(jwk) })
    },
  )
})
