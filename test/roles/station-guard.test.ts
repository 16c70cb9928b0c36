// A signed order from a grid operator over three nodes to a station, and everything an attacker could do to it on the way:
// it is obeyed as it was given or not at all, and whoever refuses says who it is and by which rule.
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { CALL, type Call, type Envelope, payloadOf, RESULT, type SignatureObject } from '../../src/ocpp/frame.ts'
import { refusalOf } from '../../src/overlay/error-answer.ts'
import { openGuard } from '../../src/roles/station/parts.ts'
import { stationGuard } from '../../src/roles/station-guard.ts'
import { caught, makeGuard, tapEnvelopes, virtualClock } from '../overlay/support.ts'
import { decisions, signedPark, statusOf } from './park.ts'

type Park = Awaited<ReturnType<typeof signedPark>>
/** What became of an order: `Accepted`, or who refused it and by which rule. */
const fate = async (asked: Promise<{ answer: Envelope }>): Promise<string> => {
  try {
    const { answer } = await asked
    const { at, rule, fault } = refusalOf(answer)
    return String(statusOf(answer) ?? `${at}: ${rule ?? fault}`)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return `${error.data.at}: ${error.data.rule ?? error.code}`
  }
}
const message = (envelope: Envelope, change: object): Envelope => ({
  ...envelope,
  message: { ...envelope.message, ...change } as Envelope['message'],
})
const signed = (envelope: Envelope, by: (signatures: readonly SignatureObject[]) => readonly SignatureObject[]): Envelope => ({
  ...envelope,
  header: { ...envelope.header, signatures: by(envelope.header.signatures ?? []) },
})
const flipped = (text: string): string =>
  text.startsWith('A', 20) ? `${text.slice(0, 20)}B${text.slice(21)}` : `${text.slice(0, 20)}A${text.slice(21)}`
const flip = (member: 'protected' | 'signature') => (envelope: Envelope) =>
  signed(envelope, ([first]) => (first ? [{ ...first, [member]: flipped(first[member]) }] : []))

describe.each(['ocpp2.0.1', 'ocpp2.1'] as const)('a signed order to a station of %s', (version) => {
  it('is obeyed, and its answer is signed by the station and bound to the question', async () => {
    const { order, cs, operator, lc, gateway, csms, refusals } = await signedPark({ version })
    const { question, answer } = await order()
    expect(statusOf(answer)).toBe('Accepted')
    expect(cs.obeyed.map(({ action }) => action)).toEqual(['SetLimit'])
    expect(answer.path).toEqual(['cs', 'lc', 'gateway', 'csms'])
    expect(operator.guard.judge({ ...answer, question })).toMatchObject([
      { state: 'valid', key: { node: 'cs' }, claims: { aud: 'grid-operator' } },
    ])
    expect(
      operator.guard.judge({ ...answer, question: { ...question, message: { ...question.message, id: 'x' } } as Envelope }),
    ).toMatchObject([{ state: 'invalid' }])
    expect(decisions(cs.journal)).toMatchObject([{ kind: 'order-accepted', subject: 'grid-operator', rule: 'grid-limit' }])
    expect([...refusals(), ...[lc, gateway, csms].flatMap(({ journal }) => decisions(journal))]).toEqual([])
  })

  it.each<[string, string, Parameters<Park['order']>]>([
    ['below the floor', 'cs: grid-limit', [undefined, { limit: 0 }]],
    ['outside the role', 'cs: deny-by-default', [undefined, {}, 'Restart']],
    ['that has expired', 'cs: signature-expired', [{ expiresInSeconds: -1 }]],
    ['that lives too long', 'cs: signature-expired', [{ expiresInSeconds: 600 }]],
    ['for another', 'cs: signature-wrong-audience', [{ audience: 'cs2' }]],
    ['without a signature', 'csms: signature-present', [false]],
  ])('%s is refused: %s', async (_name, expected, args) => {
    const { order, cs, refusals } = await signedPark({ version })
    expect(await fate(order(...args))).toBe(expected)
    expect(cs.obeyed).toEqual([])
    expect(refusals().map(({ node, rule }) => `${node}: ${rule}`)).toEqual([expected])
  })

  it('by a stranger, or by a known key in another role, is refused by the station', async () => {
    const { order, keys, cs } = await signedPark({ version })
    expect(await fate(order({ identity: keys.identity('grid-operator', 'stranger') }))).toBe('cs: signature-unknown-key')
    expect(await fate(order({ identity: keys.identity('grid-operator', 'meter') }))).toBe('csms: signature-intact')
    expect(await fate(order({ identity: keys.identity('meter') }))).toBe('cs: deny-by-default')
    expect(cs.obeyed).toEqual([])
  })

  /** What is done to the order on the wire from csms to gateway, who catches it, and by which rule. */
  it.each<[string, string, (envelope: Envelope, park: Park) => Envelope]>([
    ['its payload altered', 'gateway: signature-intact', (e) => message(e, { payload: payloadOf({ limit: 9000 }) })],
    ['its action altered', 'gateway: signature-intact', (e) => message(e, { action: 'SetChargingProfile' })],
    ['its signature taken off', 'gateway: signature-present', (e) => signed(e, () => [])],
    ['its signature taken off, and called 1.6', 'gateway: signature-present', (e) => ({ ...e, header: { ocpp: 'ocpp1.6' } })],
    ['a bit of its protected header flipped', 'gateway: signature-intact', flip('protected')],
    ['a bit of its signature flipped', 'gateway: signature-intact', flip('signature')],
    [
      "a stranger's signature in place of its own",
      'cs: signature-unknown-key',
      (e, { operator, keys }) =>
        operator.guard.sealCall(
          signed(e, () => []),
          { identity: keys.identity('grid-operator', 'stranger') },
        ),
    ],
    [
      "a stranger's signature beside its own",
      'cs: signature-unknown-key',
      (e, { operator, keys }) => operator.guard.sealCall(e, { identity: keys.identity('csms', 'stranger') }),
    ],
    [
      'a broken signature beside its own',
      'gateway: signature-intact',
      (e, { csms }) =>
        signed(e, (own) => [
          ...own,
          ...(csms.guard.sealCall(
            message(
              signed(e, () => []),
              { payload: payloadOf({}) },
            ),
          ).header.signatures ?? []),
        ]),
    ],
  ])('on the way, %s, is refused: %s', async (_name, expected, alter) => {
    const park = await signedPark({ version })
    tapEnvelopes(park.wires.gateway.high, (envelope) => (envelope.message.type === CALL ? alter(envelope, park) : envelope))
    expect(await fate(park.order())).toBe(expected)
    expect(park.cs.obeyed).toEqual([])
    expect(park.refusals().map(({ node, rule }) => `${node}: ${rule}`)).toEqual([expected])
  })

  it('altered between its controller and the station is refused by the station itself', async () => {
    const park = await signedPark({ version })
    const send = park.cs.far.send.bind(park.cs.far)
    park.cs.far.send = (frame) => send(String(frame).replace('"limit":5000', '"limit":6000'))
    expect(await fate(park.order())).toBe('cs: signature-broken')
    park.cs.far.send = (frame) => send(String(frame).replace(/,"customData":.*\}\]$/, '}]'))
    // it cannot know whom to answer, so it signs nothing, and its controller stands for that
    expect(await fate(park.order())).toBe('lc: signature-present')
    expect(park.cs.obeyed).toEqual([])
    park.cs.far.send = send
    expect(await fate(park.order())).toBe('Accepted')
  })

  it('under another message id reaches nobody', async () => {
    const park = await signedPark({ version })
    tapEnvelopes(park.wires.gateway.high, (envelope) => (envelope.message.type === CALL ? message(envelope, { id: 'other' }) : envelope))
    const asked = fate(park.order())
    await park.clock.advance(40_000)
    expect(await asked).toMatch(/: timeout$/)
    expect(park.cs.obeyed).toEqual([])
    expect(park.refusals()).toMatchObject([{ node: 'gateway', rule: 'signature-intact' }])
  })

  it('is obeyed once, however often it is sent, over a restart of the station too', async () => {
    const { operator, csms, cs } = await signedPark({ version })
    const question = operator.guard.sealCall(operator.overlay.compose('cs', 'SetLimit', payloadOf({ limit: 5000 }), { ocpp: version }))
    const send = () => operator.overlay.ask(question).then((answer) => ({ answer }))
    expect(await fate(send())).toBe('Accepted')
    expect(await fate(send())).toBe('cs: signature-replayed')
    const replayed = csms.overlay.ask({ ...question, path: ['grid-operator', 'csms'] }).then((answer) => ({ answer }))
    expect(await fate(replayed)).toBe('cs: signature-replayed')
    expect(cs.obeyed).toHaveLength(1)
  })

  it('has its answer refused where that was swapped, altered or stripped', async () => {
    const cases: [string, (answer: Envelope, before: Envelope) => Envelope][] = [
      [
        'gateway: signature-intact',
        (answer, before) => ({ ...before, message: { ...before.message, id: answer.message.id } as Envelope['message'] }),
      ],
      ['gateway: signature-intact', (answer) => message(answer, { payload: payloadOf({ status: 'Rejected' }) })],
      ['gateway: signature-intact', flip('signature')],
      ['gateway: signature-present', (answer) => signed(answer, () => [])],
    ]
    for (const [expected, alter] of cases) {
      const park = await signedPark({ version })
      const answers: Envelope[] = []
      tapEnvelopes(park.wires.lc.low, (envelope) => {
        if (envelope.message.type !== RESULT) return envelope
        answers.push(envelope)
        return answers.length === 1 ? envelope : alter(envelope, answers[0] as Envelope)
      })
      expect(await fate(park.order())).toBe('Accepted')
      expect(await fate(park.order())).toBe(expected)
      expect(park.refusals().map(({ node, rule }) => `${node}: ${rule}`)).toEqual([expected])
    }
  })

  it('has its answer refused by who asked, if only the last hop altered it', async () => {
    const park = await signedPark({ version })
    tapEnvelopes(park.wires.operator.high, (envelope) =>
      envelope.message.type === RESULT ? message(envelope, { payload: payloadOf({ status: 'Rejected' }) }) : envelope,
    )
    expect(await fate(park.order())).toBe('grid-operator: signature-intact')
    expect(park.refusals()).toMatchObject([{ node: 'grid-operator', rule: 'signature-intact', subject: 'cs' }])
  })
})

describe.each([
  ['ocpp1.6', false],
  ['ocpp1.6', true],
  ['ocpp2.1', false],
] as const)('a station of %s that cannot judge (its key is known: %s)', (version, known) => {
  it('has its last node decide', async () => {
    const { order, cs, lc, keys, operator } = await signedPark({ version, known })
    const question = operator.guard.sealCall(operator.overlay.compose('cs', 'SetLimit', payloadOf({ limit: 5000 }), { ocpp: version }))
    await operator.overlay.ask(question)
    expect(decisions(lc.journal).slice(0, 1)).toMatchObject([{ kind: 'order-accepted', rule: 'grid-limit', text: 'SetLimit for cs' }])
    expect(cs.obeyed).toHaveLength(1)
    expect(await fate(order(undefined, { limit: 0 }))).toBe('lc: grid-limit')
    expect(await fate(order({ identity: keys.identity('grid-operator', 'stranger') }))).toBe('lc: signature-unknown-key')
    expect(await fate(order({ expiresInSeconds: -1 }))).toBe('lc: signature-expired')
    expect(await fate(operator.overlay.ask(question).then((answer) => ({ answer })))).toBe('lc: signature-replayed')
    expect(cs.obeyed).toHaveLength(1)
  })
})

describe('what a station says', () => {
  it('is signed as a report, and refused where somebody altered it on the way', async () => {
    const park = await signedPark({ version: 'ocpp2.1' })
    expect((await park.cs.ask({ wh: 1 })).type).toBe(RESULT)
    tapEnvelopes(park.wires.lc.low, (envelope) =>
      envelope.message.type === CALL ? message(envelope, { payload: payloadOf({ wh: 2 }) }) : envelope,
    )
    // the refusal is about what was altered, so what the station said may still count: it says it again
    expect((await caught(park.cs.ask({ wh: 1 }, '2'))).data.rule).toBe('answer-vouched')
    expect(decisions(park.gateway.journal)).toMatchObject([{ kind: 'message-refused', subject: 'cs', rule: 'signature-intact' }])
  })

  it("is not believed with a stranger's signature, or another's, in place of its own", async () => {
    for (const key of ['stranger', 'meter']) {
      const park = await signedPark({ version: 'ocpp2.1' })
      const { guard } = makeGuard(park.clock, 'x', { trust: park.keys.trust, identity: park.keys.identity(key) })
      tapEnvelopes(park.wires.lc.low, (envelope) =>
        envelope.message.type === CALL
          ? guard.sealReport(
              message(
                signed(envelope, () => []),
                { payload: payloadOf({ wh: 9 }) },
              ),
            )
          : envelope,
      )
      expect((await caught(park.cs.ask({ wh: 1 }))).data.rule).toBe('answer-vouched')
      expect(park.refusals()).toMatchObject([{ node: 'csms', rule: 'signature-present' }])
    }
  })
})

describe('the guard at the door', () => {
  const clock = virtualClock()
  const call: Call = { type: CALL, id: '1', action: 'Hello', payload: payloadOf({ a: 1 }) }

  it('of 1.6 stands open: it has no place for signatures', async () => {
    const park = await signedPark({ version: 'ocpp1.6' })
    const { guard } = makeGuard(clock, 'cs', { trust: park.keys.trust })
    expect(stationGuard(guard, { id: 'cs', version: 'ocpp1.6', backend: 'csms' })).toBe(openGuard)
  })

  it('lets in unsigned what anyone may ask, and leaves errors and unsigned talk unsealed', async () => {
    const { keys } = await signedPark({ version: 'ocpp2.1' })
    const { guard, journal } = makeGuard(clock, 'cs', { trust: keys.trust, identity: keys.identity('cs') })
    const door = stationGuard(guard, { id: 'cs', version: 'ocpp2.1', backend: 'csms' })
    expect(await door.admit(call)).toEqual({ allowed: true })
    expect(journal.read(0, 9)).toMatchObject([{ subject: 'unsigned', rule: 'anyone-asks' }])
    const result = { type: RESULT, id: '1', payload: payloadOf({}) } as const
    expect(door.seal(call, result)).toEqual(result)
    const error = { type: 4, id: '1', code: 'X', description: '', details: payloadOf({}) } as const
    expect(door.seal(call, error)).toBe(error)
  })

  it('refuses whatever goes wrong with it', async () => {
    const { keys } = await signedPark({ version: 'ocpp2.1' })
    const { guard, store } = makeGuard(clock, 'cs', { trust: keys.trust })
    await store.close()
    expect(await stationGuard(guard, { id: 'cs', version: 'ocpp2.1', backend: 'csms' }).admit(call)).toMatchObject({
      allowed: false,
      code: 'store-failed',
      details: { at: 'cs', rule: 'none' },
    })
  })
})
