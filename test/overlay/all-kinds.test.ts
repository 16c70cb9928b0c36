// Signatures on every kind of message: a library that shares nothing with our code agrees, none fits where it was not made for, and a
// countersignature holds the ones before it.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { type CryptoKey, FlattenedSign, flattenedVerify, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { exportPkcs8Pem } from '../../src/adapters/node-crypto.ts'
import { base64url, utf8 } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { asFault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import { type Envelope, ERROR, type Message, payloadOf, RESULT, RESULT_ERROR, SEND, type SignatureObject } from '../../src/ocpp/frame.ts'
import type { Guard } from '../../src/overlay/guard.ts'
import { callOf, keysOf, makeGuard, signerOf, virtualClock } from './support.ts'

const setUp = (roles: Readonly<Record<string, string>> = ROLES) => {
  const clock = virtualClock()
  const keys = keysOf(roles)
  const guard = (node: string): Guard => makeGuard(clock, node, { trust: keys.trust, identity: keys.identity(node) }).guard
  return { clock, keys, guard, judge: guard('grid') }
}
const ROLES = { grid: 'grid-operator', cs: 'station', gw: 'gateway', lc: 'local-controller', csms: 'csms' }
const envelope = (message: Message, from = 'cs', to = 'grid'): Envelope => ({ destination: [to], path: [from], header: {}, message })

const details = payloadOf({ at: 'cs', fault: 'refused', rule: 'grid-limit' })
/** One of each kind, signed, with its question where it has one. */
const kinds = () => {
  const world = setUp()
  const question = world.guard('grid').sealCall(callOf({ from: 'grid', to: 'cs' }, { id: '1', payload: payloadOf({ limit: 4200.5 }) }))
  const station = world.guard('cs')
  const answered = (message: Message) => ({ ...station.sealAnswer(question, envelope(message)), question })
  const signed = {
    call: question,
    report: station.sealReport(callOf({ from: 'cs', to: 'grid' }, { id: '2', payload: payloadOf({ wh: 12 }) })),
    result: answered({ type: RESULT, id: '1', payload: payloadOf({ status: 'Accepted' }) }),
    error: answered({ type: ERROR, id: '1', code: 'SecurityError', description: 'no', details }),
    send: station.sealCall(envelope({ type: SEND, id: '4', action: 'Told', payload: payloadOf({ a: [1, null] }) })),
    resultError: station.sealCall(envelope({ type: RESULT_ERROR, id: '5', code: 'FormatViolation', description: 'x', details })),
  }
  return { ...world, question, signed }
}
type Kind = keyof ReturnType<typeof kinds>['signed']
const KINDS: readonly Kind[] = ['call', 'report', 'result', 'error', 'send', 'resultError']

const bodyOf = (message: Message): Json =>
  'payload' in message ? message.payload.value : [message.code, message.description, message.details.value]
const signaturesOf = ({ signatures }: Envelope['header']): readonly SignatureObject[] => signatures ?? []
const attached = ({ header, message }: Envelope, i = 0) => {
  const { protected: encoded, signature } = signaturesOf(header)[i] as SignatureObject
  return { protected: encoded, signature, payload: base64url(utf8(canonicalJson(bodyOf(message)))) }
}
const joseKey = async (node: string): Promise<CryptoKey> => {
  return (await importJWK(
    createPublicKey(createPrivateKey(exportPkcs8Pem(signerOf(node)))).export({ format: 'jwk' }),
    'ES256',
  )) as CryptoKey
}

describe.each(KINDS)('a signed %s', (kind) => {
  it('is verified by a bare JOSE library, countersigned too', async () => {
    const { signed, guard, question } = kinds()
    const origin = kind === 'call' ? 'grid' : 'cs'
    const { protectedHeader } = await flattenedVerify(attached(signed[kind]), await joseKey(origin))
    expect(protectedHeader).toMatchObject({ iss: origin, mt: signed[kind].message.type, mid: signed[kind].message.id })
    const seconded = guard('gw').countersign(signed[kind], 'question' in signed[kind] ? question : undefined)
    const second = await flattenedVerify(attached(seconded, 1), await joseKey('gw'))
    expect(second.protectedHeader).toMatchObject({ iss: 'gw', as: 'countersigner' })
    expect(second.protectedHeader?.iss).not.toBe(origin)
    await expect(flattenedVerify(attached(seconded, 1), await joseKey(origin))).rejects.toThrow()
  })

  it('that a bare JOSE library made is accepted', async () => {
    const { signed, judge } = kinds()
    const { protectedHeader } = await flattenedVerify(attached(signed[kind]), await joseKey(kind === 'call' ? 'grid' : 'cs'))
    const key = createPrivateKey(exportPkcs8Pem(signerOf(kind === 'call' ? 'grid' : 'cs')))
    const body = utf8(canonicalJson(bodyOf(signed[kind].message)))
    const theirs = await new FlattenedSign(body).setProtectedHeader({ ...protectedHeader, alg: 'ES256' }).sign(key)
    const signatures = [{ protected: theirs.protected as string, signature: theirs.signature }]
    expect(judge.judge({ ...signed[kind], header: { signatures } })).toMatchObject([{ state: 'valid' }])
  })

  it('is not valid with any bit of it changed', () => {
    const { signed, judge } = kinds()
    const message = signed[kind]
    expect(judge.judge(message)).toMatchObject([{ state: 'valid' }])
    const [{ protected: encoded, signature }] = message.header.signatures as [SignatureObject]
    fc.assert(
      fc.property(fc.constantFrom('protected', 'signature', 'body'), fc.nat(), fc.integer({ min: 1, max: 127 }), (part, at, mask) => {
        const flip = (text: string): string => {
          const bytes = Uint8Array.from(Buffer.from(text, 'base64url'))
          bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ mask
          return base64url(bytes)
        }
        if (part !== 'body') {
          const changed = { protected: encoded, signature, [part]: flip(part === 'protected' ? encoded : signature) }
          return judge.judge({ ...message, header: { signatures: [changed] } })[0]?.state === 'invalid'
        }
        const text = canonicalJson(bodyOf(message.message))
        const index = at % text.length
        const other = text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ mask) + text.slice(index + 1)
        return !accepts(judge, message, other)
      }),
      { numRuns: 300 },
    )
  })

  it('fits no other kind, action, id, audience or question', () => {
    const { signed, judge, question } = kinds()
    const message = signed[kind]
    const { signatures } = message.header
    const say = (changed: Envelope) => judge.judge({ ...changed, header: { signatures: signatures as SignatureObject[] } })[0]?.state
    for (const other of KINDS) if (other !== kind) expect(say(signed[other])).toBe('invalid')
    expect(say({ ...message, message: { ...message.message, id: 'x' } })).toBe('invalid')
    const asked = { ...question, path: ['x'], header: {} }
    if ('question' in message) expect(say({ ...message, question: asked } as Envelope)).toBe('invalid')
    else expect(say({ ...message, destination: ['x'] })).toBe('invalid')
    if ('action' in message.message) expect(say({ ...message, message: { ...message.message, action: 'Other' } })).toBe('invalid')
  })
})

/** Whether a message with this canonical text in the place of its own is accepted; what is not JSON never gets so far. */
const accepts = (judge: Guard, message: Envelope, text: string): boolean => {
  let value: Json
  try {
    value = JSON.parse(text)
  } catch {
    return false
  }
  const own = canonicalJson(bodyOf(message.message))
  try {
    if (canonicalJson(value) === own) return false
  } catch {
    return false
  }
  const said = message.message
  if ('payload' in said) return judge.judge({ ...message, message: { ...said, payload: payloadOf(value) } })[0]?.state === 'valid'
  const [code, description, info] = value as [string, string, Json]
  return judge.judge({ ...message, message: { ...said, code, description, details: payloadOf(info) } })[0]?.state === 'valid'
}

describe('an error in the place of an answer', () => {
  const lied = (path: string, sign?: 'own') => {
    const { guard, judge, question } = kinds()
    const message: Message = { type: ERROR, id: '1', code: 'SecurityError', description: 'refused', details }
    const bare = envelope(message, path)
    const answer = sign ? guard(path).sealAnswer(question, bare) : bare
    try {
      return judge.inspect({ ...answer, question }, { id: 'gw' }, true)
    } catch (error) {
      return asFault(error).data.rule
    }
  }
  it('is believed of the addressee, or of a hop in its own name; not unsigned, nor by nobody known', () => {
    expect(lied('cs', 'own')).toBe('valid')
    expect(lied('gw', 'own')).toBe('valid')
    expect(lied('cs')).toBe('signature-present')
    expect(lied('gw')).toBe('signature-present')
    expect(lied('ghost')).toBe('answer-vouched')
    expect(lied('ghost', 'own')).toBe('answer-vouched')
  })

  it('that is about another question leaves open what became of the right one', () => {
    const { guard, judge, question } = kinds()
    const other = guard('grid').sealCall(callOf({ from: 'grid', to: 'cs' }, { id: '1', payload: payloadOf({ limit: 1 }) }))
    const error = envelope({ type: ERROR, id: '1', code: 'SecurityError', description: '', details })
    expect(judge.leavesOpen(question, guard('cs').sealAnswer(question, error))).toBe(false)
    expect(judge.leavesOpen(question, guard('cs').sealAnswer(other, error))).toBe(true)
  })

  it('nor is a result that is not the addressee’s', () => {
    const { guard, judge, question } = kinds()
    const result = (from: string) => guard(from).sealAnswer(question, envelope({ type: RESULT, id: '1', payload: payloadOf({}) }, from))
    expect(judge.inspect({ ...result('cs'), question }, { id: 'gw' }, true)).toBe('valid')
    for (const from of ['gw', 'lc', 'ghost'])
      expect(() => judge.inspect({ ...result(from), question }, { id: 'gw' }, true)).toThrow(/answer-vouched/)
  })
})

describe('a SEND', () => {
  it('counts once, soon, and signed by who says it', () => {
    const { guard, clock, keys } = setUp()
    const at = (judge: Guard, told: Envelope) => {
      try {
        return judge.inspect(told, { id: 'gw' }, true)
      } catch (error) {
        return asFault(error).data.rule
      }
    }
    const bare = envelope({ type: SEND, id: '1', action: 'Told', payload: payloadOf({}) })
    const [judge, told] = [guard('grid'), guard('cs').sealCall(bare)]
    expect([at(judge, told), at(judge, told)]).toEqual(['valid', 'signature-replayed'])
    expect(at(judge, bare)).toBe('signature-present')
    expect(at(judge, guard('gw').sealCall(bare))).toBe('signature-present')
    expect(at(judge, { ...bare, path: ['unlisted'] })).toBe('absent')
    const later = virtualClock(clock.now() + 61_000)
    const tardy = makeGuard(later, 'grid', { trust: keys.trust }).guard
    expect(at(tardy, told)).toBe('signature-expired')
    // a judge that started since forgot what it heard, so it takes nothing from before
    const restarted = makeGuard(virtualClock(clock.now() + 2_000), 'grid', { trust: keys.trust }).guard
    expect(at(restarted, told)).toBe('signature-expired')
  })
})

describe('a countersignature', () => {
  const seconded = () => {
    const { guard, judge, signed } = kinds()
    const { question: _, ...report } = { ...signed.report, question: undefined }
    const envelope = guard('lc').countersign(guard('gw').countersign(report))
    const look = (signatures: readonly SignatureObject[], here = true) => {
      try {
        return judge.inspect({ ...envelope, header: { ...envelope.header, signatures } }, { id: 'x' }, here)
      } catch (error) {
        return asFault(error).data.rule
      }
    }
    return { list: envelope.header.signatures as readonly SignatureObject[], look, guard, report, judge }
  }

  it('holds every signature before it: none can be dropped, swapped, added or moved unseen', () => {
    const { list, look, guard, report } = seconded()
    const [own, second, third] = list as [SignatureObject, SignatureObject, SignatureObject]
    const other = guard('cs').sealReport({ ...report, header: {}, message: { ...report.message, id: '99' } })
    expect(look(list)).toBe('valid')
    expect(look([own, second])).toBe('valid')
    for (const wrong of [
      [second, third],
      [own, third],
      [second, own, third],
      [own, third, second],
      [third, own, second],
      [own, own, second, third],
      [(other.header.signatures as SignatureObject[])[0] as SignatureObject, second, third],
    ])
      expect(look(wrong)).toBe('signature-intact')
    // what nothing covers may go
    expect(look([own])).toBe('valid')
  })

  it('never stands for the origin, nor lends an order its role', async () => {
    const { guard, keys, clock } = setUp()
    const report = callOf({ from: 'cs', to: 'grid' }, { id: '7' })
    expect(() => guard('grid').inspect(guard('cs').countersign(report), { id: 'x' }, true)).toThrow(/signature-present/)
    const order = callOf({ from: 'ghost', to: 'cs' }, { id: '8', action: 'Reset' })
    const { guard: cs } = makeGuard(clock, 'cs', { trust: keys.trust })
    await expect(cs.admit(guard('csms').countersign(order), 'cs')).rejects.toThrow(/deny-by-default/)
    expect(await cs.admit(guard('gw').countersign(guard('csms').sealCall({ ...order, path: ['csms'] })), 'cs')).toBe('csms-operates')
    expect(cs.inspect(guard('gw').countersign(order), { id: 'x' }, true)).toBe('absent')
  })

  it('never raises acceptance, whatever is dropped, doubled or moved', () => {
    const { list, look } = seconded()
    const worth = { valid: 2, unchecked: 1, absent: 1, invalid: 0 } as Record<string, number>
    const best = worth[look(list) as string] ?? -1
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 6 }), (picks) => {
        const found = look(picks.map((i) => list[i] as SignatureObject))
        return (worth[found as string] ?? -1) <= best && (found !== 'valid' || picks[0] === 0)
      }),
      { numRuns: 200 },
    )
  })
})

describe('what was answered meanwhile', () => {
  it('is believed of the controller that kept the message, as it signed it', () => {
    const { guard } = setUp()
    const csms = guard('csms')
    const report = guard('cs').sealReport(callOf({ from: 'cs', to: 'csms' }, { id: '3' }))
    const kept = guard('lc').countersign({ ...report, path: ['cs', 'lc'], header: { ...report.header, answered: { transactionId: 7 } } })
    const look = (envelope: Envelope, here = true) => {
      try {
        return csms.inspect(envelope, { id: 'gw' }, here)
      } catch (error) {
        return asFault(error).data.rule
      }
    }
    expect(look(kept)).toBe('valid')
    const { answered: _, ...without } = kept.header
    expect(look({ ...kept, header: { ...kept.header, answered: { transactionId: 8 } } }, false)).toBe('signature-intact')
    expect(look({ ...kept, header: without }, false)).toBe('signature-intact')
    for (const path of [
      ['cs', 'lc'],
      ['cs', 'gw'],
      ['cs', 'ghost'],
    ])
      expect(look({ ...report, path, header: { ...report.header, answered: {} } })).toBe('answered-vouched')
    expect(look({ ...kept, path: ['cs', 'gw', 'lc'] })).toBe('answered-vouched')
    // the controller passed the message on, and answered nothing
    const passed = guard('lc').countersign({ ...report, path: ['cs', 'lc'] })
    expect(look(passed)).toBe('valid')
    expect(look({ ...passed, header: { ...passed.header, answered: { transactionId: 7 } } })).toBe('answered-vouched')
  })
})

describe('a number beyond 2^53', () => {
  it('is neither signed nor verified, wherever it stands', () => {
    const { guard, judge } = setUp()
    const big = fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }).map((n) => `${n}`)
    fc.assert(
      fc.property(big, fc.constantFrom('', '-'), (digits, sign) => {
        const text = `{"a":[{"b":${sign}${digits}}]}`
        const payload = { text, value: JSON.parse(text) as Json }
        const bare = callOf({ from: 'cs', to: 'grid' }, { id: '1', payload })
        expect(() => guard('cs').sealReport(bare)).toThrow(/2\^53/)
        const good = guard('cs').sealReport(callOf({ from: 'cs', to: 'grid' }, { id: '1' }))
        expect(judge.judge({ ...bare, header: good.header })).toMatchObject([{ flaw: 'malformed' }])
      }),
      { numRuns: 50 },
    )
    const most = callOf({ from: 'cs', to: 'grid' }, { payload: payloadOf({ n: Number.MAX_SAFE_INTEGER, m: -Number.MAX_SAFE_INTEGER }) })
    expect(judge.judge(guard('cs').sealReport(most))).toMatchObject([{ state: 'valid' }])
  })
})
