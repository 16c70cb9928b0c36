// Whose word a message is: of its origin where the origin's own key signed it, whoever else signed it beside.
import { expect, it } from 'vitest'
import { CALL, payloadOf } from '../../src/ocpp/frame.ts'
import { ownWord } from '../../src/overlay/own-word.ts'
import { signMessage } from '../../src/overlay/signature.ts'
import { callOf, keysOf } from './support.ts'

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
