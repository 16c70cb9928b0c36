// The gatekeeper: what it signs, what it lets pass, what it obeys, and that nothing it refuses becomes acceptable by adding
// or taking away signatures.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asFault, type Fault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { type Envelope, ERROR, payloadOf, RESULT, type SignatureObject } from '../../src/ocpp/frame.ts'
import type { AnswerEnvelope } from '../../src/overlay/gatekeeper.ts'
import { callOf, caught, fakePeer, type JsonObject, keysOf, makeGuard, virtualClock } from './support.ts'

const ROLES = { csms: 'csms', grid: 'grid-operator', meter: 'energy-meter', cs: 'station' }
const setUp = (store = memoryStore()) => {
  const clock = virtualClock()
  const keys = keysOf(ROLES)
  const guardOf = (node: string, key = node) => makeGuard(clock, node, { trust: keys.trust, identity: keys.identity(node, key) }).guard
  const own = makeGuard(clock, 'lc', { trust: keys.trust, store, identity: keys.identity('lc') })
  const grid = guardOf('grid')
  const bare = (payload: JsonObject = { limit: 5000 }, id = '1') =>
    callOf({ from: 'grid', to: 'cs' }, { action: 'SetLimit', id, payload: payloadOf(payload) })
  const flawOf = async (envelope: Envelope): Promise<unknown> =>
    own.guard.admit(envelope, 'lc').then(
      (rule) => `+${rule}`,
      (error) => asFault(error).data.rule ?? asFault(error).code,
    )
  const look = (envelope: Envelope | AnswerEnvelope, here = false): unknown => {
    try {
      return own.guard.inspect(envelope, { id: 'gw' }, here)
    } catch (error) {
      return asFault(error).data.rule ?? asFault(error).code
    }
  }
  return { clock, keys, guardOf, grid, bare, flawOf, look, ...own }
}
const withSignatures = (envelope: Envelope, signatures: readonly SignatureObject[]): Envelope => ({
  ...envelope,
  header: { ...envelope.header, signatures },
})
const changed = (envelope: Envelope, message: object): Envelope => ({
  ...envelope,
  message: { ...envelope.message, ...message } as Envelope['message'],
})
const signatureOf = (envelope: Envelope) => envelope.header.signatures?.[0] as SignatureObject

describe('the seal', () => {
  it('on an order names its end and a number that rises, on a report neither', () => {
    const { grid, bare, guard, keys } = setUp()
    const [one, two] = [grid.sealCall(bare()), grid.sealCall(bare())].map((envelope) => guard.judge(envelope)[0])
    const numbers = [one, two].map((j) => (j?.state === 'valid' ? (j.claims.seq ?? 0) : 0))
    expect(numbers[1]).toBe((numbers[0] ?? 0) + 1)
    expect(one).toMatchObject({ state: 'valid', claims: { iss: 'grid', aud: 'cs', act: 'SetLimit' } })
    expect(one?.state === 'valid' && (one.claims.exp ?? 0) - one.claims.iat).toBe(60)
    const report = guard.judge(grid.sealReport(bare()))[0]
    expect(report).toMatchObject({ state: 'valid' })
    expect(report).not.toHaveProperty('claims.exp')
    const other = guard.judge(grid.sealCall(bare(), { audience: 'x', expiresInSeconds: 7, identity: keys.identity('meter') }))[0]
    expect(other).toMatchObject({ state: 'invalid', flaw: 'wrong-audience' })
  })

  it('rises over a restart', async () => {
    const { clock, guardOf, bare, guard } = setUp()
    const seq = (envelope: Envelope) => {
      const [judgement] = guard.judge(envelope)
      return judgement?.state === 'valid' ? (judgement.claims.seq ?? 0) : 0
    }
    const before = guardOf('grid')
    const last = Math.max(...Array.from({ length: 50 }, () => seq(before.sealCall(bare()))))
    await clock.advance(1)
    expect(seq(guardOf('grid').sealCall(bare()))).toBeGreaterThan(last)
  })

  it('is on answers to what was signed, and on nothing else', () => {
    const { grid, bare, guard, keys } = setUp()
    const answer: Envelope = { destination: ['grid'], path: ['lc'], header: {}, message: { type: RESULT, id: '1', payload: payloadOf({}) } }
    const question = grid.sealCall(bare())
    keys.trust.add({ node: 'lc', role: 'lc', publicKey: keys.identity('lc').signer.publicKey })
    expect(guard.judge({ ...guard.sealAnswer(question, answer), question })).toMatchObject([{ state: 'valid', key: { node: 'lc' } }])
    expect(guard.sealAnswer(bare(), answer)).toBe(answer)
    const error = changed(answer, { type: ERROR, code: 'X', description: '', details: payloadOf({}) })
    expect(guard.judge({ ...guard.sealAnswer(question, error), question })).toMatchObject([{ state: 'valid', claims: { mt: ERROR } }])
    expect(guard.sealCall(answer)).toBe(answer)
    expect(guard.sealReport(answer)).toBe(answer)
    const dumb = makeGuard(virtualClock(), 'x', { trust: keys.trust }).guard
    expect(
      [dumb.sealCall(bare()), dumb.sealReport(bare()), dumb.sealAnswer(question, answer)].every(({ header }) => !header.signatures),
    ).toBe(true)
  })
})

describe('a message that passes', () => {
  it('is valid, unchecked, late or absent: that is for its addressee to judge', () => {
    const { grid, bare, look, keys } = setUp()
    expect(look(grid.sealCall(bare()))).toBe('valid')
    expect(look(grid.sealCall(bare(), { identity: keys.identity('grid', 'stranger') }))).toBe('unchecked')
    expect(look(grid.sealCall(bare(), { expiresInSeconds: -1 }))).toBe('invalid')
    expect(look(grid.sealCall(bare(), { audience: 'other' }))).toBe('invalid')
    expect(look({ ...bare(), path: ['nobody'] })).toBe('absent')
  })

  it('is stopped when it was changed, with the hop it came over', () => {
    const { grid, bare, look, guard } = setUp()
    const sealed = grid.sealCall(bare())
    const wrong = [
      changed(sealed, { payload: payloadOf({ limit: 1 }) }),
      changed(sealed, { action: 'Reset' }),
      changed(sealed, { id: '2' }),
      withSignatures(sealed, [{ ...signatureOf(sealed), signature: signatureOf(grid.sealCall(bare())).signature }]),
      withSignatures(sealed, [signatureOf(sealed), { protected: '!', signature: '' }]),
      withSignatures(sealed, [null as never]),
    ]
    for (const envelope of wrong) expect(look(envelope)).toBe('signature-intact')
    expect(() => guard.inspect(wrong[0] as Envelope, { id: 'gw' }, false)).toThrow(/came over gw/)
    for (const here of [false, true]) expect(look(withSignatures(sealed, []), here)).toBe('signature-present')
    expect(look({ ...bare(), header: { ocpp: 'ocpp1.6' } })).toBe('signature-present')
  })

  it('is stopped at every hop where somebody signed it whose key was revoked, beside whoever else did', () => {
    const { grid, guardOf, bare, look, keys } = setUp()
    const sealed = grid.sealCall(bare())
    const joined = withSignatures(sealed, [signatureOf(sealed), signatureOf(guardOf('meter').sealCall(bare()))])
    expect([look(sealed), look(joined)]).toEqual(['valid', 'valid'])
    keys.trust.revoke(new Set([keys.identity('meter').kid]))
    expect([look(sealed), look(joined)]).toEqual(['valid', 'signature-key-revoked'])
    keys.trust.revoke(new Set([keys.identity('grid').kid]))
    expect([look(sealed), look(sealed, true)]).toEqual(['signature-key-revoked', 'signature-key-revoked'])
  })

  it('must not cost more than eight signatures, nor hold something else for a list', async () => {
    const { grid, bare, look, flawOf } = setUp()
    const sealed = grid.sealCall(bare())
    expect(look(withSignatures(sealed, Array(9).fill(signatureOf(sealed))))).toBe('limit-exceeded')
    for (const odd of ['abc', { length: 1 }, 7]) {
      expect(look(withSignatures(sealed, odd as never))).not.toBe('valid')
      expect(await flawOf(withSignatures(sealed, odd as never))).not.toContain('+')
    }
  })

  it("where it ends needs the signature of its origin, if that is known to sign: another's does not do", async () => {
    const { grid, guardOf, bare, look, keys, clock } = setUp()
    const strange = grid.sealCall(bare(), { identity: keys.identity('grid', 'stranger') })
    const others = guardOf('meter').sealReport(bare())
    for (const envelope of [strange, others])
      expect([look(envelope), look(envelope, true)]).toEqual([expect.not.stringContaining('signature'), 'signature-present'])
    const both = withSignatures(others, [signatureOf(others), signatureOf(grid.sealReport(bare()))])
    expect(look(both, true)).toBe('valid')
    // what a clock got wrong is still what its owner said
    const ahead = virtualClock(clock.now() + 90_000)
    const early = makeGuard(ahead, 'grid', { trust: keys.trust, identity: keys.identity('grid') }).guard.sealReport(bare())
    expect(look(early, true)).toBe('invalid')
    expect(look({ ...strange, path: ['nobody'] }, true)).toBe('unchecked')
  })

  it('may be a report from before the end of its key; an answer is made now, and is none by a key that ended', () => {
    const { grid, bare, look, keys, guardOf } = setUp()
    const question = { ...grid.sealCall(bare()), path: ['grid'] }
    const report = guardOf('cs').sealReport(callOf({ from: 'cs', to: 'lc' }))
    const answers = ([RESULT, ERROR] as const).map((type) => {
      const said = type === RESULT ? { payload: payloadOf({}) } : { code: 'X', description: '', details: payloadOf({}) }
      const bare = { destination: ['grid'], path: ['cs'], header: {}, message: { type, id: '1', ...said } as Envelope['message'] }
      return { ...guardOf('cs').sealAnswer(question, bare), question }
    })
    const found = () => [report, ...answers].map((each) => look(each, true))
    expect(found()).toEqual(['valid', 'valid', 'valid'])
    const { publicKey } = keys.identity('cs').signer
    keys.trust.replace('cs', [{ node: 'cs', role: 'station', publicKey, until: 0 }])
    expect(found()).toEqual(['invalid', 'signature-present', 'signature-present'])
    keys.trust.replace('cs', [{ node: 'cs', role: 'station', publicKey: keys.identity('cs', 'next').signer.publicKey }])
    expect(found()).toEqual(['invalid', 'signature-present', 'signature-present'])
  })

  it('tells how far its signer has come, where it is the word of its origin and ends here', () => {
    const { clock, keys, guardOf } = setUp()
    const heard: string[] = []
    const arrived = ({ iss }: { iss: string }) => heard.push(iss)
    const { guard } = makeGuard(clock, 'csms', { trust: keys.trust, arrived })
    const look = (envelope: Envelope, here = true) => guard.inspect(envelope, { id: 'gw' }, here)
    const cnt = { low: 1, top: 3 }
    const report = guardOf('cs').sealReport(callOf({ from: 'cs', to: 'csms' }), { cnt })
    look(report, false)
    look({ ...report, path: ['ghost'] })
    look(guardOf('meter').sealReport(callOf({ from: 'ghost', to: 'csms' }), { cnt }))
    look(guardOf('cs').sealReport(callOf({ from: 'cs', to: 'csms' })))
    expect(heard).toEqual([])
    look(report)
    expect(heard).toEqual(['cs'])
  })

  it('as an answer is bound to its question and to who asked', () => {
    const { grid, bare, look, guardOf } = setUp()
    const cs = guardOf('cs')
    const answer: Envelope = {
      destination: ['grid'],
      path: ['cs'],
      header: {},
      message: { type: RESULT, id: '1', payload: payloadOf({ ok: 1 }) },
    }
    const question = grid.sealCall(bare())
    const sealed = cs.sealAnswer(question, answer)
    expect(look({ ...sealed, question }, true)).toBe('valid')
    expect(look({ ...changed(sealed, { payload: payloadOf({ ok: 2 }) }), question })).toBe('signature-intact')
    expect(look({ ...sealed, question: grid.sealCall(bare({ limit: 6000 })) })).toBe('signature-intact')
    expect(look({ ...answer, question })).toBe('signature-present')
    expect(look({ ...answer, question: bare() })).toBe('absent')
    expect(look({ ...changed(answer, { type: ERROR, code: 'X', description: '', details: payloadOf({}) }), question })).toBe(
      'signature-present',
    )
  })
})

describe('an order', () => {
  it('is obeyed by its role and rule, once, and written down first', async () => {
    const { grid, bare, flawOf, journal } = setUp()
    const sealed = grid.sealCall(bare())
    expect(await flawOf(sealed)).toBe('+grid-limit')
    expect(journal.read(0, 9)).toMatchObject([{ kind: 'order-accepted', subject: 'grid', rule: 'grid-limit' }])
    expect(await flawOf(sealed)).toBe('signature-replayed')
    expect(journal.read(1, 9)).toMatchObject([{ kind: 'order-refused', subject: 'grid', rule: 'signature-replayed' }])
  })

  it('names the node that refused it, the rule and the flaw', async () => {
    const { grid, bare, guard } = setUp()
    const fault = await caught(guard.admit(grid.sealCall(bare(), { expiresInSeconds: 0 }), 'me'))
    expect(fault).toMatchObject({ code: 'refused', data: { at: 'me', rule: 'signature-expired', flaw: 'expired' } })
    expect((await caught(guard.admit(changed(bare(), { type: RESULT }), 'me'))).code).toBe('internal')
  })

  it('is refused in every cell of the matrix but its own', async () => {
    const { grid, guardOf, bare, flawOf, keys, clock } = setUp()
    const sealed = grid.sealCall(bare())
    const far = virtualClock(clock.now() + 31_000)
    const early = makeGuard(far, 'grid', { trust: keys.trust, identity: keys.identity('grid') }).guard
    const cells: [string, Envelope][] = [
      ['deny-by-default', bare()],
      ['signature-unknown-key', grid.sealCall(bare(), { identity: keys.identity('grid', 'stranger') })],
      ['deny-by-default', guardOf('meter').sealCall(bare())],
      ['signature-wrong-issuer', grid.sealCall(bare(), { identity: keys.identity('grid', 'meter') })],
      ['signature-expired', grid.sealCall(bare(), { expiresInSeconds: 0 })],
      ['signature-expired', grid.sealCall(bare(), { expiresInSeconds: 61 })],
      ['signature-expired', grid.sealReport(bare())],
      ['signature-not-yet-valid', early.sealCall(bare())],
      ['signature-wrong-audience', grid.sealCall(bare(), { audience: 'cs2' })],
      ['signature-broken', changed(sealed, { payload: payloadOf({ limit: 5001 }) })],
      ['signature-wrong-message', changed(sealed, { action: 'SetChargingProfile' })],
      ['signature-wrong-message', changed(sealed, { id: '2' })],
      [
        'signature-unknown-key',
        withSignatures(sealed, [signatureOf(sealed), signatureOf(grid.sealCall(bare(), { identity: keys.identity('cs', 'stranger') }))]),
      ],
      [
        'signature-broken',
        withSignatures(sealed, [
          signatureOf(sealed),
          { ...signatureOf(sealed), signature: signatureOf(guardOf('csms').sealCall(bare())).signature },
        ]),
      ],
      ['signature-replayed', withSignatures(sealed, [signatureOf(sealed), signatureOf(grid.sealCall(bare()))])],
      ['signature-malformed', withSignatures(sealed, [signatureOf(sealed), {} as never])],
      ['grid-limit', grid.sealCall(bare({ limit: 0 }))],
      ['deny-by-default', grid.sealCall(changed(bare(), { action: 'Reset' }))],
    ]
    for (const [rule, envelope] of cells) expect([rule, await flawOf(envelope)]).toEqual([rule, rule])
    // none of all that used up the order's number
    expect(await flawOf(sealed)).toBe('+grid-limit')
  })

  it('counts once over a restart, and out of order within the window', async () => {
    const store = memoryStore()
    const { grid, bare, flawOf } = setUp(store)
    const orders = Array.from({ length: 1030 }, () => grid.sealCall(bare()))
    const at = (i: number) => orders.at(i) as Envelope
    for (const [i, expected] of [
      [5, '+'],
      [1029, '+'],
      [7, '+'],
      [1028, '+'],
      [6, '+'],
    ] as const)
      expect(await flawOf(at(i))).toContain(expected)
    const restarted = setUp(store)
    for (const i of [5, 6, 7, 1028, 1029, 4]) expect(await restarted.flawOf(at(i))).toBe('signature-replayed')
    expect(await restarted.flawOf(at(8))).toBe('+grid-limit')
  })

  it('is not obeyed when that cannot be made durable', async () => {
    let broken = false
    const store = memoryStore({
      beforeCommit: () => {
        if (broken) throw new Error('full')
      },
    })
    const { grid, bare, flawOf, journal } = setUp(store)
    const sealed = grid.sealCall(bare())
    broken = true
    expect(await flawOf(sealed)).toBe('store-failed')
    broken = false
    expect(journal.read(0, 9)).toEqual([])
    expect(await flawOf(sealed)).toBe('+grid-limit')
  })

  it('is obeyed by nobody who heard nothing of revocations for too long, and again once there is news', async () => {
    const { grid, bare, flawOf, keys } = setUp()
    keys.trust.freshUntil = 0
    expect(await flawOf(grid.sealCall(bare()))).toBe('keys-fresh')
    keys.trust.freshUntil = 1
    expect(await flawOf(grid.sealCall(bare()))).toBe('+grid-limit')
  })

  it('does not count once the clock was set, if it was signed before', async () => {
    const { grid, bare, flawOf, guard, clock } = setUp()
    const [before, after] = [grid.sealCall(bare()), grid.sealCall(bare({ limit: 5000 }, '2'))]
    expect(await flawOf(after)).toBe('+grid-limit')
    await clock.advance(5_000)
    guard.clockStepped()
    expect(await flawOf(before)).toBe('signature-expired')
    expect(await flawOf(grid.sealCall(bare({ limit: 5000 }, '3')))).toBe('+grid-limit')
  })

  it('does not count where it was signed before a head of its own that a neighbour showed the node', async () => {
    const { grid, bare, flawOf, guard, clock } = setUp()
    const before = grid.sealCall(bare())
    // within what clocks may differ, so that times are judged on
    guard.notBefore(clock.now() + 5_000)
    await clock.advance(4_000)
    expect([await flawOf(before), await flawOf(grid.sealCall(bare({ limit: 5000 }, '2')))]).toEqual([
      'signature-expired',
      'signature-expired',
    ])
    await clock.advance(1_000)
    expect(await flawOf(grid.sealCall(bare({ limit: 5000 }, '3')))).toBe('+grid-limit')
  })

  it('may have been passed on by anybody, but by no known node in other words', async () => {
    const { grid, bare, flawOf, guardOf, keys } = setUp()
    const sealed = grid.sealCall(bare())
    const [own, hop] = guardOf('meter').countersign(sealed).header.signatures as [SignatureObject, SignatureObject]
    const other = signatureOf({
      ...sealed,
      header: { signatures: guardOf('meter').countersign(grid.sealCall(bare())).header.signatures?.slice(1) ?? [] },
    })
    const elsewhere = guardOf('meter').countersign({ ...sealed, destination: ['cs-2'] }).header.signatures?.[1] as SignatureObject
    expect(await flawOf(withSignatures(sealed, [own, other]))).toBe('signature-other-signatures')
    expect(await flawOf(withSignatures(sealed, [own, elsewhere]))).toBe('signature-wrong-audience')
    const stranger = makeGuard(virtualClock(), 'gw', { trust: keys.trust, identity: keys.identity('gw') }).guard
    expect(
      await flawOf(
        withSignatures(sealed, [
          own,
          signatureOf({ ...sealed, header: { signatures: stranger.countersign(sealed).header.signatures?.slice(1) ?? [] } }),
        ]),
      ),
    ).toBe('+grid-limit')
    const again = grid.sealCall(bare({ limit: 5000 }, '2'))
    expect([hop.protected.length > 0, await flawOf(guardOf('meter').countersign(again))]).toEqual([true, '+grid-limit'])
  })

  it('to a station is judged here, unless the station can and will', async () => {
    const { grid, bare, guard } = setUp()
    const order = grid.sealCall(bare({ limit: 0 }))
    const admits = (peer: { id: string; protocol?: 'ocpp1.6' | 'ocpp2.0.1' | 'ocpp2.1'; deputised?: boolean }) =>
      guard.protect(order, fakePeer(peer.id, { kind: 'station', ...peer }), 'lc').then(
        () => 'passed',
        (error: Fault) => error.data.rule,
      )
    expect(await admits({ id: 'cs', protocol: 'ocpp2.1' })).toBe('passed')
    expect(await admits({ id: 'cs', protocol: 'ocpp2.0.1' })).toBe('passed')
    expect(await admits({ id: 'cs', protocol: 'ocpp1.6' })).toBe('grid-limit')
    expect(await admits({ id: 'cs' })).toBe('grid-limit')
    expect(await admits({ id: 'cs-unknown', protocol: 'ocpp2.1' })).toBe('grid-limit')
    // it is never shown who asked
    expect(await admits({ id: 'cs', protocol: 'ocpp2.1', deputised: true })).toBe('grid-limit')
  })

  it('is accepted no sooner by any signature taken away, or added by one who may not ask for it', async () => {
    const { guardOf, grid, keys } = setUp()
    const actions = fc.constantFrom('SetLimit', 'Reset', 'Hello')
    const pick = fc.record({
      csms: fc.boolean(),
      grid: fc.boolean(),
      meter: fc.boolean(),
      bad: fc.constantFrom('none', 'stranger', 'broken', 'expired'),
    })
    const acts = { csms: guardOf('csms'), grid, meter: guardOf('meter') }
    const accepts = async (envelope: Envelope) => String(await setUp().flawOf(envelope)).startsWith('+')
    await fc.assert(
      fc.asyncProperty(actions, pick, fc.integer({ min: 0, max: 9000 }), async (action, by, limit) => {
        const bare = callOf({ from: 'grid', to: 'cs' }, { action, payload: payloadOf({ limit }) })
        const names = (['csms', 'grid', 'meter'] as const).filter((name) => by[name])
        const good = names.map((name) => signatureOf(acts[name].sealCall(bare)))
        const bad = {
          none: [],
          stranger: [signatureOf(grid.sealCall(bare, { identity: keys.identity('csms', 'stranger') }))],
          broken: [signatureOf(acts.csms.sealCall(callOf({ from: 'grid', to: 'cs' }, { action, payload: payloadOf({}) })))],
          expired: [signatureOf(acts.csms.sealCall(bare, { expiresInSeconds: -5 }))],
        }[by.bad]
        const whole = await accepts(withSignatures(bare, good))
        // a signature that does not count never helps
        if (!whole) expect(await accepts(withSignatures(bare, [...good, ...bad]))).toBe(false)
        if (bad.length > 0) expect(await accepts(withSignatures(bare, [...good, ...bad]))).toBe(false)
        // and one that does is never better away
        for (let i = 0; i < good.length; i++) if (!whole) expect(await accepts(withSignatures(bare, good.toSpliced(i, 1)))).toBe(false)
        if (names.every((name) => name === 'meter') && action !== 'Hello') expect(whole).toBe(false)
      }),
      { numRuns: 40 },
    )
  })
})

describe('a role that the link proves', () => {
  it('counts like a signed one, for the rules that name it and for no others', async () => {
    const clock = virtualClock()
    const rules = [{ id: 'back-end', role: 'uplink:csms', actions: ['Reset'] }]
    const { guard } = makeGuard(clock, 'front', { trust: keysOf({}).trust, policy: { rules } })
    const order = (action: string) => callOf({ from: 'csms', to: 'cs' }, { action })
    const rule = (action: string, role?: string) =>
      guard.admit(order(action), 'front', role).then(
        (id) => `+${id}`,
        (error) => asFault(error).data.rule,
      )
    expect([await rule('Reset', 'uplink:csms'), await rule('ClearCache', 'uplink:csms')]).toEqual(['+back-end', 'deny-by-default'])
    expect([await rule('Reset', 'mirror:csms'), await rule('Reset')]).toEqual(['deny-by-default', 'deny-by-default'])
  })
})
