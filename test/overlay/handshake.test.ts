// The proof of the node key: who gets through it, who does not whatever they replay, reflect or relay, and when it ends.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/bytes.ts'
import type { Fault } from '../../src/base/fault.ts'
import { signDetached, verifyDetached } from '../../src/crypto/jws.ts'
import { type Hello, type LinkEnd, PROOF_TYPE, type ProvenLink, proveLink, signProof, transcript } from '../../src/overlay/handshake.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import type { MemoryLink } from '../support/memory-link.ts'
import { engine, type Keys, keysOf, memoryLinks, settle, tap, type VirtualClock, virtualClock } from './support.ts'

type Outcome = { proven: ProvenLink } | { fault: Fault }

let seeds = 0

/** One end of a handshake; `key` names whose key it really has. */
const shake = (
  link: MemoryLink,
  end: { self: string; peer: string; as: LinkEnd; key?: string },
  world: { clock: VirtualClock; keys: Keys },
) => {
  const { self, peer, as, key = self } = end
  const parts = {
    clock: world.clock,
    random: fixedRandom(++seeds + 500),
    engine,
    trust: world.keys.trust,
    identity: world.keys.identity(self, key),
  }
  const outcome = proveLink(link, { peer, as }, parts).then(
    (proven): Outcome => ({ proven }),
    (fault): Outcome => ({ fault }),
  )
  return { outcome }
}

const LISTED = { a: 'local-controller', b: 'gateway' }

/** `a` dials `b`; each end may have another key than its own. */
const meet = async (
  roles: Readonly<Record<string, string>> = LISTED,
  keys: { a?: string; b?: string } = {},
  wire: (low: MemoryLink, high: MemoryLink) => void = () => undefined,
) => {
  const world = { clock: virtualClock(), keys: keysOf(roles) }
  const [low, high] = memoryLinks()
  wire(low, high)
  const a = shake(low, { self: 'a', peer: 'b', as: 'dialler', ...(keys.a && { key: keys.a }) }, world)
  const b = shake(high, { self: 'b', peer: 'a', as: 'listener', ...(keys.b && { key: keys.b }) }, world)
  await settle()
  await world.clock.advance(10_001)
  return { ...world, low, high, a: await a.outcome, b: await b.outcome }
}

const kidOf = (outcome: Outcome): string => ('proven' in outcome ? outcome.proven.kid : `refused: ${outcome.fault.message}`)
const why = (outcome: Outcome): string => ('fault' in outcome ? `${outcome.fault.code} ${outcome.fault.message}` : 'proven')
/** What left an end, in order. */
const record = (link: MemoryLink): string[] => {
  const frames: string[] = []
  tap(link, (frame) => {
    frames.push(frame)
    return frame
  })
  return frames
}

describe('two nodes that prove their keys', () => {
  it('each learn which key the other has, whether it is listed or not', async () => {
    for (const roles of [LISTED, {}, { a: 'x' }]) {
      const { a, b, keys, clock } = await meet(roles)
      expect(kidOf(a)).toBe(keys.identity('b').kid)
      expect(kidOf(b)).toBe(keys.identity('a').kid)
      expect(clock.pending).toBe(0)
    }
  })

  it('find on the link what came right behind the proof, and nothing of the handshake', async () => {
    const { a, b } = await meet()
    if (!('proven' in a) || !('proven' in b)) throw new Error('expected two proven links')
    const heard: string[] = []
    b.proven.link.send('first')
    await settle()
    a.proven.link.open({ text: (frame) => heard.push(frame), binary: () => undefined, closed: (code) => heard.push(String(code)) })
    b.proven.link.send('second')
    b.proven.link.close(1001, 'done')
    await settle()
    expect(heard).toEqual(['first', 'second', '1001'])
  })
})

describe('a link is refused', () => {
  it('where the id is listed with another key', async () => {
    const { a, b } = await meet(LISTED, { a: 'thief' })
    expect(why(b)).toBe('refused a did not prove its key: its key is not the one that is listed for it')
    expect(why(a)).not.toBe('proven')
  })

  it('where the one who listens is not who was dialled', async () => {
    const { a } = await meet({ b: 'gateway' }, { b: 'thief' })
    expect(why(a)).toContain('its key is not the one that is listed for it')
  })

  it('where an unlisted id shows the key of a listed node, which it cannot even use', async () => {
    const { b } = await meet({ b: 'gateway', other: 'csms' }, { a: 'other' })
    expect(why(b)).toContain('its key belongs to other')
  })

  it('where the key is listed and does not count, or is for something else', async () => {
    const met = async (change: (world: { keys: Keys; clock: VirtualClock }) => void) => {
      const world = { clock: virtualClock(), keys: keysOf(LISTED) }
      change(world)
      const [low, high] = memoryLinks()
      shake(low, { self: 'a', peer: 'b', as: 'dialler' }, world)
      return why(await shake(high, { self: 'b', peer: 'a', as: 'listener' }, world).outcome)
    }
    const again = { node: 'a', role: 'local-controller', publicKey: keysOf({}).identity('a').signer.publicKey }
    expect(await met(() => undefined)).toBe('proven')
    expect(await met(({ keys }) => keys.trust.revoke(new Set([keys.identity('a').kid])))).toContain('its key is revoked')
    expect(
      await met(({ keys }) => keys.trust.replace('a', [{ ...again, publicKey: keys.identity('a', 'newer').signer.publicKey }])),
    ).toContain('its key is replaced')
    expect(await met(({ keys }) => keys.trust.replace('a', [{ ...again, until: 0 }]))).toContain('its key is expired')
    expect(await met(({ keys }) => keys.trust.replace('a', [{ ...again, from: 30_001 }]))).toContain('its key is not yet valid')
    expect(await met(({ keys }) => keys.trust.replace('a', [{ ...again, purposes: ['message'] }]))).toContain('not one for links')
  })

  it('where a frame comes before the proof', async () => {
    for (const early of [
      '[2,"b","a","1","Heartbeat",{}]',
      '["proof",{}]',
      '["hello",[]]',
      'x'.repeat(4_097),
      '["hello",{"node":"a","node":"b"}]',
    ])
      expect(why((await meet(LISTED, {}, (low) => low.send(early))).b)).toContain('refused a did not prove its key')
  })

  it('where the neighbour says nothing for ten seconds, and not before', async () => {
    const world = { clock: virtualClock(), keys: keysOf(LISTED) }
    const [low, high] = memoryLinks()
    const closed: number[] = []
    low.open({ text: () => undefined, binary: () => undefined, closed: (code) => closed.push(code) })
    const { outcome } = shake(high, { self: 'b', peer: 'a', as: 'listener' }, world)
    await world.clock.advance(9_999)
    expect(closed).toEqual([])
    await world.clock.advance(1)
    expect(why(await outcome)).toBe('refused a did not prove its key: no proof of its key within 10000 ms')
    await settle()
    expect(closed).toEqual([1008])
  })

  it('with link-lost where it ends before', async () => {
    const world = { clock: virtualClock(), keys: keysOf(LISTED) }
    const [low, high] = memoryLinks()
    low.open({ text: () => undefined, binary: () => undefined, closed: () => undefined })
    const { outcome } = shake(high, { self: 'b', peer: 'a', as: 'listener' }, world)
    low.close(1001, 'going away')
    expect(why(await outcome)).toBe('link-lost a ended the link with 1001 before it proved its key')
    expect(world.clock.pending).toBe(0)
  })
})

describe('a link over TLS', () => {
  const session = (first: number) => Uint8Array.from({ length: 32 }, (_, i) => first + i)
  const over = (
    low: Uint8Array | undefined,
    high: Uint8Array | undefined,
    wire: (low: MemoryLink, high: MemoryLink) => void = () => undefined,
  ) =>
    meet(LISTED, {}, (a, b) => {
      a.exporter = low
      b.exporter = high
      wire(a, b)
    })

  it('is proven for its TLS session, and for no other', async () => {
    const { a, b } = await over(session(0), session(0))
    expect([why(a), why(b)]).toEqual(['proven', 'proven'])
    if ('proven' in a) expect(a.proven.link.exporter).toEqual(session(0))
    const relayed = await over(session(0), session(1))
    expect([why(relayed.a), why(relayed.b)]).toEqual(
      ['b', 'a'].map((peer) => `refused ${peer} did not prove its key: its proof was not made by its key for this link`),
    )
  })

  it('is refused where one end sees TLS and the other does not, or must not bind to it', async () => {
    const { a, b } = await over(session(0), undefined)
    expect([why(a), why(b)]).toEqual([
      expect.stringContaining('it does not bind the link to its TLS session'),
      expect.stringContaining('it binds the link to a TLS session, and here there is none'),
    ])
    expect(why((await over(undefined, session(0))).b)).toContain('it does not bind the link')
  })

  it('cannot be talked out of it by somebody between', async () => {
    const strip = (link: MemoryLink) => tap(link, (frame) => frame.replace(',"binding":"tls-exporter"', ''))
    const { a, b } = await over(session(0), session(1), (low, high) => {
      strip(low)
      strip(high)
    })
    expect([why(a), why(b)]).toEqual([expect.stringContaining('does not bind'), expect.stringContaining('does not bind')])
    // nor talked into it: what was said is inside what is signed
    const added = await over(undefined, undefined, (low) =>
      tap(low, (frame) => frame.replace('"version":1', '"version":1,"binding":"none"')),
    )
    expect(why(added.b)).not.toBe('proven')
  })

  it('is refused where the session has no name: TLS 1.2', async () => {
    const { a } = await over(new Uint8Array(), new Uint8Array())
    expect(why(a)).toContain('which takes TLS 1.3')
  })
})

describe('a proof stands for one link between two nodes', () => {
  it('and cannot be replayed', async () => {
    let captured: string[] = []
    const first = await meet(LISTED, {}, (low) => {
      captured = record(low)
    })
    expect(why(first.b)).toBe('proven')
    expect(captured).toHaveLength(2)
    const world = { clock: virtualClock(), keys: first.keys }
    const [low, high] = memoryLinks()
    const { outcome } = shake(high, { self: 'b', peer: 'a', as: 'listener' }, world)
    low.open({ text: () => undefined, binary: () => undefined, closed: () => undefined })
    for (const frame of captured) low.send(frame)
    expect(why(await outcome)).toContain('its proof was not made by its key for this link')
  })

  it('and cannot be reflected', async () => {
    const world = { clock: virtualClock(), keys: keysOf(LISTED) }
    const [low, high] = memoryLinks()
    const { outcome } = shake(high, { self: 'b', peer: 'a', as: 'listener' }, world)
    low.open({ text: (frame) => low.send(frame), binary: () => undefined, closed: () => undefined })
    expect(why(await outcome)).toContain('expected a at the other end, it says it is b')
  })

  it('and says which end made it: the other end’s proof of the same link does not count', () => {
    const keys = keysOf(LISTED)
    const hello = (node: string, peer: string): Hello => ({ version: 1, node, peer, kid: '', key: '', nonce: '' })
    const hellos = { dialler: hello('a', 'b'), listener: hello('b', 'a') }
    const { signer } = keys.identity('a')
    const made = signProof(hellos, 'dialler', keys.identity('a'))
    const proves = (by: LinkEnd) => verifyDetached(made, utf8(transcript(hellos, by)), signer.publicKey, engine)
    expect([proves('dialler'), proves('listener')]).toEqual([true, false])
  })

  it('and is signed as nothing else: what its key signed for another purpose is none, be it the very words', async () => {
    for (const typ of [undefined, 'org.chargeproof.time', PROOF_TYPE]) {
      const world = { clock: virtualClock(), keys: keysOf(LISTED) }
      const { kid, signer } = world.keys.identity('a')
      const hellos: Partial<Record<LinkEnd, Hello>> = {}
      const { b } = await meet(LISTED, {}, (low, high) => {
        tap(high, (frame) => {
          if (frame.startsWith('["hello"')) hellos.listener = JSON.parse(frame)[1]
          return frame
        })
        tap(low, (frame) => {
          const [step, body] = JSON.parse(frame)
          if (step === 'hello') hellos.dialler = body
          if (step === 'hello') return frame
          const words = utf8(transcript(hellos as Record<LinkEnd, Hello>, 'dialler'))
          return JSON.stringify(['proof', signDetached({ kid, ...(typ && { typ }) }, words, signer)])
        })
      })
      expect(why(b)).toBe(
        typ === PROOF_TYPE ? 'proven' : 'refused a did not prove its key: the signature is no proof by the key that was named',
      )
    }
  })

  it('and cannot be relayed to a third node', async () => {
    const world = { clock: virtualClock(), keys: keysOf({ a: 'x', m: 'x', c: 'x' }) }
    const [low, middleLow] = memoryLinks()
    const [middleHigh, high] = memoryLinks()
    // a dials m, which shows what it hears to c, as if a had dialled c
    const a = shake(low, { self: 'a', peer: 'm', as: 'dialler' }, world)
    const c = shake(high, { self: 'c', peer: 'a', as: 'listener' }, world)
    middleLow.open({ text: (frame) => middleHigh.send(frame), binary: () => undefined, closed: () => undefined })
    middleHigh.open({ text: (frame) => middleLow.send(frame), binary: () => undefined, closed: () => undefined })
    expect(why(await c.outcome)).toContain('it believes to speak with m')
    expect(why(await a.outcome)).toContain('expected m at the other end, it says it is c')
  })

  it('and needs the key, not its name', async () => {
    const world = { clock: virtualClock(), keys: keysOf(LISTED) }
    const [low, high] = memoryLinks()
    const { outcome } = shake(high, { self: 'b', peer: 'a', as: 'listener' }, world)
    const theirs = world.keys.identity('a')
    // says the right kid, signs with another key
    const parts = { ...world, random: fixedRandom(900), engine, trust: world.keys.trust }
    const identity = { ...theirs, signer: { ...world.keys.identity('a', 'thief').signer, publicKey: theirs.signer.publicKey } }
    proveLink(low, { peer: 'b', as: 'dialler' }, { ...parts, identity }).catch(() => undefined)
    expect(why(await outcome)).toContain('its proof was not made by its key for this link')
  })

  it('and no character of either hello or proof can be changed on the way', async () => {
    const change = fc.record({ frame: fc.integer({ min: 0, max: 1 }), at: fc.nat({ max: 600 }), low: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(change, async ({ frame, at, low }) => {
        let n = 0
        const { a, b } = await meet(LISTED, {}, (dialler, listener) =>
          tap(low ? dialler : listener, (text) => {
            if (n++ !== frame) return text
            const i = at % text.length
            return `${text.slice(0, i)}${text[i] === 'A' ? 'B' : 'A'}${text.slice(i + 1)}`
          }),
        )
        // what was altered is refused where it arrives; a changed hello makes the other end's view differ too
        expect(why(low ? b : a)).not.toBe('proven')
      }),
      { numRuns: 60 },
    )
  })
})
