// An order that nobody between the one who gives it and the one who obeys it can read: what a dishonest controller sees, what it can do
// with that, and who refuses it by which rule.
import { describe, expect, it } from 'vitest'
import { exportPkcs8Pem } from '../../src/adapters/node-crypto.ts'
import { openerOfPem } from '../../src/adapters/reading-keys.ts'
import { hex } from '../../src/base/bytes.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { CALL, type Call, type Envelope, type Message, payloadOf, readEnvelope } from '../../src/ocpp/frame.ts'
import { attach, attachmentOf, readMessageFrame, writeMessageFrame } from '../../src/overlay/attachments.ts'
import { refusalOf } from '../../src/overlay/error-answer.ts'
import type { Local } from '../../src/overlay/node.ts'
import { Secrecy, type SecrecySettings } from '../../src/overlay/secrecy.ts'
import {
  callOf,
  caught,
  echo,
  engine,
  type JsonObject,
  type Keys,
  keysOf,
  makeGuard,
  settle,
  signerOf,
  tap,
  tapEnvelopes,
  virtualClock,
} from '../overlay/support.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { until as later } from '../support/until.ts'
import { decisions, dial, guardedStation, makeNetwork, type SignedPark, signedPark } from './park.ts'

let seeds = 9_000
/** A node's secrecy, with a key of its own that the others know unless it is to have none. */
const secrecyOf = (keys: Keys, node: string, settings: SecrecySettings, key: string | undefined = `${node} reads`): Secrecy => {
  const { publicKey } = signerOf(key)
  const opener = openerOfPem(exportPkcs8Pem(signerOf(key)))
  const openers = new Map([[thumbprint(publicKey, engine), opener]])
  return new Secrecy(settings, { trust: keys.trust, engine, random: fixedRandom(++seeds), openers })
}
const lists = (keys: Keys, node: string, role: string, key = `${node} reads`) =>
  keys.trust.add({ node, role, publicKey: signerOf(key).publicKey, purposes: ['encryption'] })

const TO_STATION: SecrecySettings = { encrypt: [{ actions: ['SetLimit', 'SetChargingProfile'], to: ['cs'] }] }

const secretPark = (park: Partial<SignedPark> = {}, settings: SecrecySettings = TO_STATION, demand = ['SetLimit']) =>
  signedPark({
    version: 'ocpp2.1',
    secrecy: (keys) => {
      lists(keys, 'cs', 'station')
      lists(keys, 'grid-operator', 'grid-operator')
      return { 'grid-operator': secrecyOf(keys, 'grid-operator', settings), cs: secrecyOf(keys, 'cs', { demand }) }
    },
    ...park,
  })
type Park = Awaited<ReturnType<typeof signedPark>>

/** Every byte that the controller handles: from above, and to and from its station. */
const recorded = ({ wires, cs }: Park): string[] => {
  const bytes: string[] = []
  for (const link of [wires.lc.high, wires.lc.low, cs.link, cs.far])
    tap(link, (frame) => {
      bytes.push(frame)
      return frame
    })
  return bytes
}
const opened = ({ operator }: Park, answer: Envelope): Json => {
  const { message } = operator.guard.plain(answer)
  return 'payload' in message ? message.payload.value : null
}

describe.each(['ocpp2.0.1', 'ocpp2.1'] as const)('an encrypted order to a station of %s', (version) => {
  it('is obeyed, and the controller between reads nothing of it, nor of the answer', async () => {
    const park = await secretPark({ version })
    const bytes = recorded(park)
    const { question, answer } = await park.order(undefined, { limit: 5_432, note: 'for your eyes' })
    expect(opened(park, answer)).toEqual({ status: 'Accepted', statusInfo: { reasonCode: 'Obeyed' } })
    expect(park.cs.obeyed).toMatchObject([{ action: 'SetLimit', payload: { value: { limit: 5_432, note: 'for your eyes' } } }])
    expect(bytes.length).toBeGreaterThan(3)
    for (const secret of ['5432', 'for your eyes', 'Obeyed', '"limit"']) expect(bytes.join('\n')).not.toContain(secret)
    // signed as sent: every hop verified it, and the answer is the station's own
    expect(park.operator.guard.judge({ ...answer, question })).toMatchObject([{ state: 'valid', key: { node: 'cs' } }])
    expect(park.refusals()).toEqual([])
  })

  it('stands in the journal of who obeyed it, as it was signed and as it was read', async () => {
    const park = await secretPark({ version })
    await park.order()
    const [entry] = decisions(park.cs.journal)
    const { frame, opened: read } = (entry?.data ?? {}) as { readonly frame: string; readonly opened: Json }
    expect([entry?.kind, entry?.rule, read]).toEqual(['order-accepted', 'grid-limit', { limit: 5_000 }])
    expect(park.operator.guard.judge(readEnvelope(frame))).toMatchObject([{ state: 'valid', key: { node: 'grid-operator' } }])
    expect(frame).not.toContain('limit"')
  })

  it('is judged by what it says: below the floor it is refused', async () => {
    const park = await secretPark({ version })
    const { answer } = await park.order(undefined, { limit: 0 })
    expect([refusalOf(answer).rule, park.cs.obeyed]).toEqual(['grid-limit', []])
  })
})

it('two orders with the same words have no bytes in common', async () => {
  const park = await secretPark()
  const [one, other] = [await park.order(), await park.order()]
  const sealed = ({ question }: typeof one) => ('payload' in question.message ? (question.message.payload.value as JsonObject) : {})
  const parts = (asked: typeof one) => Object.values(sealed(asked)['org.chargeproof.encrypted'] as JsonObject)
  const [suite, kid, ...secret] = parts(one)
  expect(parts(other).slice(0, 2)).toEqual([suite, kid])
  for (const text of secret) expect(parts(other)).not.toContain(text)
})

describe('what is done to an encrypted order on the way', () => {
  const inside = (envelope: Envelope, change: (encrypted: Record<string, Json>) => object): Envelope => {
    const held = (envelope.message as { payload: { value: JsonObject } }).payload.value['org.chargeproof.encrypted'] as JsonObject
    return {
      ...envelope,
      message: {
        ...envelope.message,
        payload: payloadOf({ 'org.chargeproof.encrypted': change({ ...held }) as Json }),
      } as Envelope['message'],
    }
  }
  const flip = (text: unknown): string => String(text).replace(/^(.{10})(.)/, (_all, head, next) => head + (next === 'A' ? 'B' : 'A'))
  /** Signs it again with the key of the one who gave it: as if that one were the attacker, so that the ciphertext alone must hold. */
  const resigned = (park: Park, envelope: Envelope): Envelope =>
    park.operator.guard.sealCall({ ...envelope, header: { ...(envelope.header.ocpp && { ocpp: envelope.header.ocpp }) } })

  it.each<[string, string, (encrypted: Record<string, Json>) => object]>([
    ['a byte of the ciphertext flipped', 'encryption-intact', (e) => ({ ...e, ciphertext: flip(e.ciphertext) })],
    ['a byte of the encapsulated key flipped', 'encryption-intact', (e) => ({ ...e, enc: flip(e.enc) })],
    ['another suite named', 'encryption-intact', (e) => ({ ...e, suite: 'HPKE-1' })],
    ['an unknown key named', 'encryption-key', (e) => ({ ...e, kid: flip(e.kid) })],
    ['no key named', 'encryption-key', ({ kid: _, ...e }) => e],
  ])('%s: refused where it is signed anew too, by %s', async (_name, rule, change) => {
    const plain = await secretPark()
    tapEnvelopes(plain.wires.gateway.high, (e) => (e.message.type === CALL ? inside(e, change) : e))
    expect(refusalOf((await plain.order()).answer)).toMatchObject({ at: 'gateway', rule: 'signature-intact' })
    const park = await secretPark()
    tapEnvelopes(park.wires.operator.low, (e) => (e.message.type === CALL ? resigned(park, inside(e, change)) : e))
    const refusal = refusalOf((await park.order()).answer)
    expect([refusal.at, refusal.rule, park.cs.obeyed]).toEqual(['cs', rule, []])
  })

  it('a ciphertext moved to another message, action or audience: refused', async () => {
    const first = await secretPark()
    const stolen = (await first.order()).question
    for (const change of [{ id: 'another' }, { action: 'SetChargingProfile' }]) {
      const park = await secretPark({}, {}, [])
      const moved = { ...stolen, header: { ocpp: 'ocpp2.1' }, message: { ...stolen.message, ...change } } as Envelope
      const question = park.operator.guard.sealCall(moved)
      const answer = await park.operator.guard.open(await park.operator.overlay.ask(question), question)
      expect([refusalOf(answer).rule, park.cs.obeyed]).toEqual(['encryption-intact', []])
    }
    const park = await secretPark({}, {}, [])
    lists(park.keys, 'twin', 'station', 'cs reads')
    park.keys.trust.add({ node: 'twin', role: 'station', publicKey: signerOf('twin').publicKey })
    const secrecy = secrecyOf(park.keys, 'twin', {}, 'cs reads')
    const twin = await guardedStation(park.clock, park.lc, { id: 'twin', version: 'ocpp2.1', keys: park.keys, secrecy })
    await park.clock.advance(400)
    const moved = { ...stolen, destination: ['twin'], header: { ocpp: 'ocpp2.1' } } as Envelope
    const question = park.operator.guard.sealCall(moved)
    const answer = await park.operator.guard.open(await park.operator.overlay.ask(question), question)
    expect(refusalOf(answer).rule).toBe('encryption-intact')
    expect(twin.obeyed).toEqual([])
  })

  it('refused, and no key of who gave it is known: the refusal has no words, which could quote the order', async () => {
    const inWords = await signedPark({ version: 'ocpp2.1' })
    const { answer } = await inWords.order(undefined, { limit: 3_432 })
    expect(answer.message).toMatchObject({ description: 'refused by rule grid-limit: /limit is 3432, at least 4200 is allowed' })
    const park = await signedPark({
      version: 'ocpp2.1',
      secrecy: (keys) => {
        lists(keys, 'cs', 'station')
        return { 'grid-operator': secrecyOf(keys, 'grid-operator', TO_STATION), cs: secrecyOf(keys, 'cs', {}) }
      },
    })
    const bytes = recorded(park)
    expect((await park.order(undefined, { limit: 3_432 })).answer.message).toMatchObject({ code: 'SecurityError', description: '' })
    expect(bytes.join('\n')).toContain('"rule":"grid-limit"')
    expect(bytes.join('\n')).not.toContain('3432')
  })

  it('in clear where the station demands it encrypted: refused', async () => {
    const park = await secretPark({}, {})
    expect([refusalOf((await park.order()).answer).rule, park.cs.obeyed]).toEqual(['encryption-demanded', []])
  })

  it('never goes out in clear where the addressee has no key: refused before it is said', async () => {
    const park = await secretPark({}, { encrypt: [{ actions: ['*'], to: ['*'] }] })
    const fault = await caught(park.operator.ask('csms', 'Hello', payloadOf({}), { ocpp: 'ocpp2.1' }))
    expect(fault.data.rule).toBe('encryption-key')
  })

  it('its answer altered on the way, and signed by nobody else: what became of the order is unknown', async () => {
    const park = await secretPark()
    tapEnvelopes(park.wires.gateway.low, (e) => (e.message.type === 3 ? inside(e, (x) => ({ ...x, ciphertext: flip(x.ciphertext) })) : e))
    const refusal = refusalOf((await park.order()).answer)
    expect(refusal.rule).toBe('signature-intact')
  })
})

describe.each(['ocpp2.0.1', 'ocpp2.1'] as const)('an encrypted report of a station of %s', (version) => {
  const SECRET = { idToken: { idToken: 'DEADBEEF', type: 'ISO14443' } }
  const reportPark = (csmsLocal: Local, { demand = ['Authorize'], encrypt = ['Authorize', 'TransactionEvent'] } = {}) =>
    signedPark({
      version,
      csmsLocal,
      secrecy: (keys) => {
        lists(keys, 'cs', 'station')
        lists(keys, 'csms', 'csms')
        return { csms: secrecyOf(keys, 'csms', { demand }), cs: secrecyOf(keys, 'cs', { encrypt: [{ actions: encrypt, to: ['csms'] }] }) }
      },
    })
  const call = (id: string, action = 'Authorize', value: JsonObject = SECRET) =>
    ({ type: CALL, id, action, payload: payloadOf(value) }) as const

  it('is read by the back end alone, and so is its answer: no other bytes hold a word of it, and equal ones differ', async () => {
    const heard: Envelope[] = []
    const park = await reportPark({
      call: async (envelope) => {
        heard.push(envelope)
        return payloadOf({ idTokenInfo: { status: 'Accepted', language1: 'tlh' } })
      },
    })
    const bytes = recorded(park)
    const answers = [await park.cs.say(call('1')), await park.cs.say(call('2'))]
    for (const answer of answers)
      expect(answer).toMatchObject({ payload: { value: { idTokenInfo: { status: 'Accepted', language1: 'tlh' } } } })
    expect(heard.map(({ message }) => (message as Call).payload.value)).toEqual([SECRET, SECRET])
    expect(bytes.length).toBeGreaterThan(6)
    for (const secret of ['DEADBEEF', 'idToken', 'Accepted","language', 'tlh']) expect(bytes.join('\n')).not.toContain(secret)
    const sealed = new Set(bytes.join('\n').match(/"ciphertext":"[\w-]+"/g))
    expect(sealed.size).toBe(4)
    expect(park.refusals()).toEqual([])
  })

  it('is refused in words that only the station reads; the way sees code, node and fault', async () => {
    const park = await reportPark({ call: () => Promise.reject(new Fault('refused', 'the card is stolen', { rule: 'stolen-cards' })) })
    const bytes = recorded(park)
    const answer = await park.cs.say(call('1'))
    expect(answer).toMatchObject({
      code: 'SecurityError',
      description: 'the card is stolen',
      details: { value: { at: 'csms', rule: 'stolen-cards' } },
    })
    const seen = bytes.join('\n')
    expect(seen).toContain('"SecurityError"')
    expect(seen).toContain('"fault":"refused"')
    for (const secret of ['stolen', 'rule']) expect(seen).not.toContain(secret)
  })

  it('with a flipped byte, signed anew with the key of the station: refused, and nobody acts on it', async () => {
    const heard: Envelope[] = []
    const park = await reportPark({ call: (envelope) => Promise.resolve(void heard.push(envelope)).then(() => payloadOf({})) })
    const station = makeGuard(park.clock, 'cs', { trust: park.keys.trust, identity: park.keys.identity('cs') }).guard
    tapEnvelopes(park.wires.gateway.low, (e) => {
      if (e.message.type !== CALL || e.message.action !== 'Authorize') return e
      const held = (e.message.payload.value as JsonObject)['org.chargeproof.encrypted'] as JsonObject
      const changed = { ...held, ciphertext: String(held.ciphertext).replace(/^(.{10})(.)/, (_a, h, n) => h + (n === 'A' ? 'B' : 'A')) }
      const message = { ...e.message, payload: payloadOf({ 'org.chargeproof.encrypted': changed }) }
      return station.sealReport({ ...e, header: { ocpp: version }, message })
    })
    // who asked goes by what it said, so the refusal is about another message
    await expect(park.cs.say(call('1'))).rejects.toMatchObject({ code: 'refused' })
    expect(heard).toEqual([])
  })

  it('in clear where the back end demands it encrypted: refused', async () => {
    const park = await reportPark(echo, { encrypt: [] })
    expect(await park.cs.say(call('1'))).toMatchObject({ details: { value: { rule: 'encryption-demanded' } } })
  })

  it('never leaves in clear where no key of the back end is known: it is kept', async () => {
    const park = await signedPark({
      version,
      secrecy: (keys) => ({ cs: secrecyOf(keys, 'cs', { encrypt: [{ actions: ['*'], to: ['*'] }] }) }),
    })
    const bytes = recorded(park)
    expect((await caught(park.cs.say(call('1')))).code).toBe('unreachable')
    expect(bytes).toEqual([])
  })

  it('is kept and answered by its controller where the back end cannot be reached, unread, and told later', async () => {
    const heard: Envelope[] = []
    const park = await reportPark({ call: (envelope) => Promise.resolve(void heard.push(envelope)).then(() => payloadOf({})) })
    const bytes = recorded(park)
    park.wires.lc.low.close(1001, 'cut')
    await settle()
    expect(await park.cs.say(call('1', 'TransactionEvent', { note: 'for your eyes' }))).toMatchObject({ payload: { value: {} } })
    expect(heard).toEqual([])
    await dial(park.lc, park.gateway)
    await later(() => {
      park.clock.advance(1_000)
      return heard.length > 0
    }, 'what was kept to be told')
    expect(heard.map(({ message, header }) => [(message as Call).payload.value, header.answered])).toEqual([
      [{ note: 'for your eyes' }, {}],
    ])
    expect(bytes.join('\n')).not.toContain('for your eyes')
  })
})

describe('who has to look into it and cannot', () => {
  it.each<[string, NonNullable<SignedPark['lc']>]>([
    [
      'forwards what meets a condition',
      { firewall: { rules: [{ id: 'floor', decision: 'forward', actions: ['SetLimit'], where: [{ pointer: '/limit', min: 1 }] }] } },
    ],
    [
      'refuses what does not',
      { firewall: { rules: [{ id: 'floor', decision: 'reject', actions: ['SetLimit'], unless: [{ pointer: '/limit', min: 1 }] }] } },
    ],
    [
      'replaces a member',
      { firewall: { rules: [{ id: 'floor', decision: 'replace', actions: ['SetLimit'], with: [{ pointer: '/limit', value: 1 }] }] } },
    ],
    [
      'demands signatures by what it says',
      {
        policy: {
          rules: [],
          signatures: [
            { id: 'floor', actions: ['SetLimit'], at: 'hop', where: [{ pointer: '/limit', max: 1 }], signed: { any: ['csms'] } },
          ],
        },
      },
    ],
  ])('a controller that %s stops it', async (_name, lc) => {
    const park = await secretPark({ lc })
    const { answer } = await park.order()
    expect(refusalOf(answer)).toMatchObject({ at: 'lc', rule: 'floor' })
    expect(park.cs.obeyed).toEqual([])
  })

  it('a firewall that does not look inside lets it pass; one over addresses stops an order that has any', async () => {
    const rules = [
      { id: 'in', decision: 'forward', actions: ['SetLimit', 'GetLog'] },
      { id: 'out', decision: 'forward', actions: ['*'], answers: true },
    ] as const
    const lc = { firewall: { rules, default: 'reject' } } as const
    const park = await secretPark({ lc }, { encrypt: [{ actions: ['*'], to: ['cs'] }] }, [])
    expect(opened(park, (await park.order()).answer)).toMatchObject({ status: 'Accepted' })
    expect(refusalOf((await park.order(undefined, {}, 'GetLog')).answer)).toMatchObject({ at: 'lc', rule: 'urls' })
  })

  it('a controller that decides in the place of a station whose key it does not know refuses it', async () => {
    const park = await secretPark({ known: false, version: 'ocpp2.1' })
    expect(refusalOf((await park.order()).answer)).toMatchObject({ at: 'lc', rule: 'encryption-key' })
  })

  it('and so for OCPP 1.6, which has no room for it', async () => {
    const park = await secretPark({ version: 'ocpp1.6' })
    expect(refusalOf((await park.order()).answer)).toMatchObject({ at: 'lc', rule: 'encryption-key' })
  })
})

describe('between nodes', () => {
  it('a question is encrypted, opened by the node it is for, and answered in kind', async () => {
    const clock = virtualClock()
    const keys = keysOf({ csms: 'csms', 'grid-operator': 'grid-operator' })
    for (const node of ['csms', 'grid-operator']) lists(keys, node, node)
    const local = { call: async ({ message }: Envelope) => payloadOf({ heard: 'payload' in message ? message.payload.value : null }) }
    const csms = makeNetwork(clock, { id: 'csms' }, { keys, local, secrecy: secrecyOf(keys, 'csms', { demand: ['Hello'] }) })
    const settings = { encrypt: [{ actions: ['Hello'], to: ['csms'] }] }
    const operator = makeNetwork(
      clock,
      { id: 'grid-operator', uplinks: ['csms'] },
      { keys, secrecy: secrecyOf(keys, 'grid-operator', settings) },
    )
    const { low, high } = await dial(operator, csms)
    const bytes: string[] = []
    for (const link of [low, high])
      tap(link, (frame) => {
        bytes.push(frame)
        return frame
      })
    const { answer } = await operator.ask('csms', 'Hello', payloadOf({ secret: 'word' }), { ocpp: 'ocpp2.1' })
    expect(operator.guard.plain(answer).message).toMatchObject({ payload: { value: { heard: { secret: 'word' } } } })
    expect(bytes.length).toBeGreaterThan(1)
    expect(bytes.join('\n')).not.toContain('word')
    const bare = operator.guard.sealCall(operator.overlay.compose('csms', 'Hello', payloadOf({}), { ocpp: 'ocpp2.1' }))
    expect(refusalOf(await operator.overlay.ask(bare)).rule).toBe('encryption-demanded')
  })

  const pair = async (local: Local, settings: SecrecySettings, demand: string[] = []) => {
    const clock = virtualClock()
    const keys = keysOf({ csms: 'csms', 'grid-operator': 'grid-operator' })
    for (const node of ['csms', 'grid-operator']) lists(keys, node, node)
    const csms = makeNetwork(clock, { id: 'csms' }, { keys, local, secrecy: secrecyOf(keys, 'csms', { demand }) })
    const operator = makeNetwork(
      clock,
      { id: 'grid-operator', uplinks: ['csms'] },
      { keys, secrecy: secrecyOf(keys, 'grid-operator', settings) },
    )
    const wire = await dial(operator, csms)
    const frames: (string | Uint8Array)[] = []
    return { csms, operator, wire, frames }
  }
  const HELLO = { encrypt: [{ actions: ['Hello'], to: ['csms'] }] }

  it('a SEND is read by the one it is for; one in clear is not taken where it must not be', async () => {
    const heard: Json[] = []
    const local = { ...echo, told: ({ message }: Envelope) => void ('payload' in message && heard.push(message.payload.value)) }
    const { csms, operator, wire } = await pair(local, HELLO, ['Hello', 'Bare'])
    const bytes: string[] = []
    tap(wire.low, (frame) => {
      bytes.push(frame)
      return frame
    })
    for (let i = 0; i < 2; i++) operator.overlay.tell('csms', 'Hello', { secret: 'word' })
    operator.overlay.tell('csms', 'Bare', { secret: 'clear' })
    await later(() => heard.length === 2, 'both to be told')
    expect(heard).toEqual([{ secret: 'word' }, { secret: 'word' }])
    expect(bytes.join('\n')).not.toContain('word')
    expect(new Set(bytes.join('\n').match(/"ciphertext":"[\w-]+"/g)).size).toBe(2)
    expect(csms.journal.read(0, 99).filter(({ rule }) => rule === 'encryption-demanded')).toHaveLength(1)
  })

  it('bytes beside a message are encrypted with it, both ways; exchanged for others they are refused', async () => {
    const [plain, back] = [new Uint8Array(300).fill(7), new Uint8Array(40).fill(9)]
    const heard: Message[] = []
    const local = { call: ({ message }: Envelope) => Promise.resolve(void heard.push(message)).then(() => attach({ a: 1 }, back, engine)) }
    const { operator, wire } = await pair(local, HELLO)
    const seen: Uint8Array[] = []
    let exchange = false
    const send = wire.low.send.bind(wire.low)
    wire.low.send = (frame) => {
      if (typeof frame === 'string') return send(frame)
      seen.push(frame)
      if (!exchange) return send(frame)
      // the controller makes a frame in which everything fits but the ciphertext of the bytes
      const envelope = readMessageFrame(frame)
      const bytes = (attachmentOf(envelope.message) as Uint8Array).map((byte, i) => (i === 100 ? byte ^ 1 : byte))
      const value = (envelope.message as Call).payload.value as JsonObject
      const { message } = { message: { ...envelope.message, payload: attach(value, bytes, engine) } as Message }
      send(writeMessageFrame(operator.guard.sealCall({ ...envelope, header: { ocpp: 'ocpp2.1' }, message }), bytes))
    }
    const ask = () => operator.ask('csms', 'Hello', attach({ secret: 'word' }, plain, engine), { ocpp: 'ocpp2.1' })
    const { answer } = await ask()
    expect(attachmentOf(heard[0] as Message)).toEqual(plain)
    expect(attachmentOf(operator.guard.plain(answer).message)).toEqual(back)
    await ask()
    expect(seen).toHaveLength(2)
    for (const frame of seen) expect(hex(frame)).not.toContain(hex(plain.subarray(0, 4)))
    const beside = seen.map((frame) => hex(attachmentOf(readMessageFrame(frame).message) ?? new Uint8Array()))
    expect(beside[0]).not.toBe(beside[1])
    exchange = true
    expect(refusalOf((await ask()).answer)).toMatchObject({ at: 'csms', rule: 'encryption-intact' })
    expect(heard).toHaveLength(2)
  })

  it('a key that was revoked opens nothing, and nothing is encrypted for it', async () => {
    const park = await secretPark()
    await park.order()
    park.keys.trust.revoke(new Set([lists(park.keys, 'cs', 'station').kid]))
    expect((await caught(park.order())).data.rule).toBe('encryption-key')
    // what came before is opened no more either: whoever has the key wrote it as easily as anybody
    const keys = keysOf({})
    const { kid } = lists(keys, 'cs', 'station')
    const secret = await secrecyOf(keys, 'csms', { encrypt: [{ actions: ['*'], to: ['*'] }] }).hide(callOf({ from: 'csms', to: 'cs' }))
    const reader = secrecyOf(keys, 'cs', {})
    expect((await reader.open(secret)).message).toMatchObject({ payload: { value: {} } })
    keys.trust.revoke(new Set([kid]))
    expect((await caught(reader.open(secret))).data.rule).toBe('encryption-key')
  })

  it('a key for encryption never signs, and makes nobody known who has no other', () => {
    const keys = keysOf({})
    const { kid } = lists(keys, 'quiet', 'station')
    expect([keys.trust.knows('quiet'), keys.trust.of('quiet'), keys.trust.find(kid), keys.trust.readingKeyOf('quiet')?.kid]).toEqual([
      false,
      [],
      undefined,
      kid,
    ])
  })
})
