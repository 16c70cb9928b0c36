// Whose word a message is: of its origin where the origin's own key signed it, whoever else signed it beside.
import { expect, it } from 'vitest'
import { CALL, type Call, ERROR, type Message, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { answeredWord, ownWord } from '../../src/overlay/own-word.ts'
import { signMessage } from '../../src/overlay/signature.ts'
import { questionHash } from '../../src/overlay/signed-text.ts'
import { callOf, engine, keysOf } from './support.ts'

const keys = keysOf({ cs: 'station', evil: 'gateway' })
const message = { type: CALL, id: '1', action: 'Heartbeat', payload: payloadOf({}) } as const
const by = (node: string, iat: number, key = node) =>
  signMessage({ message, action: 'Heartbeat', audience: 'csms' }, keys.identity(node, key), { iat })
const said = (...signatures: ReturnType<typeof by>[]) => callOf({ from: ['cs', 'lc'], to: 'csms' }, message, { signatures })

it('is the origin’s where its own key signed it, beside whom ever', () => {
  expect(ownWord(said(by('cs', 7)), 'valid', keys.trust)()).toBe(7)
  expect(ownWord(said(by('evil', 8), by('cs', 7)), 'valid', keys.trust)()).toBe(7)
})

it('is nobody’s where another signed it, where a key that nobody knows did, and where it was not judged good', () => {
  expect(ownWord(said(by('evil', 8)), 'valid', keys.trust)()).toBeUndefined()
  expect(ownWord(said(by('evil', 8), by('cs', 7, 'stranger')), 'valid', keys.trust)()).toBeUndefined()
  expect(ownWord(said(), 'valid', keys.trust)()).toBeUndefined()
  for (const judged of ['invalid', 'unchecked', 'absent'] as const) expect(ownWord(said(by('cs', 7)), judged, keys.trust)()).toBeUndefined()
  expect(ownWord(said(by('cs', 7)), 'valid', undefined)()).toBeUndefined()
})

it('is none that it passed on: whoever countersigns says where a message came by, and not where it is', () => {
  const passed = signMessage({ message, action: 'Heartbeat', audience: 'csms' }, keys.identity('cs'), {
    iat: 9,
    as: 'countersigner',
    ovr: 'x',
  })
  expect(ownWord(said(by('evil', 8), passed), 'valid', keys.trust)()).toBeUndefined()
})

it('an answer is its word that is to the very question, and the addressee’s own', () => {
  const question = callOf({ from: 'lc', to: 'cs' }, { ...message, id: '5' })
  const other: Call = { ...message, id: '6' }
  const answers: readonly Message[] = [
    { type: RESULT, id: '5', payload: payloadOf({}) },
    { type: ERROR, id: '5', code: 'X', description: '', details: payloadOf({}) },
  ]
  for (const said of answers) {
    const word = (about: Message, { node = 'cs', path = ['cs'], signature = 'valid' as 'valid' | 'unchecked' } = {}) => {
      const req = questionHash(about, engine)
      const signed = signMessage({ message: said, audience: 'lc', questionHash: req }, keys.identity(node), { iat: 9 })
      const answer = { destination: ['lc'], path, header: { signatures: [signed] }, message: said }
      return answeredWord({ question, answer, signature }, { trust: keys.trust, engine })
    }
    expect(word(question.message)).toBe(9)
    // somebody put another question to it elsewhere
    expect(word(other)).toBeUndefined()
    expect(word(question.message, { node: 'evil' })).toBeUndefined()
    expect(word(question.message, { path: ['evil'] })).toBeUndefined()
    expect(word(question.message, { signature: 'unchecked' })).toBeUndefined()
  }
})
