// What a station takes for the answer to what it said: the back end's own, to that very message; a controller's, in its own name. Whatever else
// comes over the last hop is none, and the station says it again.
import { describe, expect, it } from 'vitest'
import { asFault } from '../../src/base/fault.ts'
import type { Answer } from '../../src/ocpp/connection.ts'
import { CALL, type Call, type Envelope, ERROR, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { foldedMessage } from '../../src/overlay/custom-data.ts'
import { stationGuard } from '../../src/roles/station-guard.ts'
import { keysOf, makeGuard, virtualClock } from '../overlay/support.ts'

const VERSION = 'ocpp2.1'
const clock = virtualClock()
const keys = keysOf({ cs: 'station', csms: 'csms', lc: 'local-controller', gw: 'gateway' })
const guardOf = (node: string, key = node) => makeGuard(clock, node, { trust: keys.trust, identity: keys.identity(node, key) }).guard
const door = stationGuard(guardOf('cs'), { id: 'cs', version: VERSION, backend: 'csms' })
const [backend, controller, gateway] = ['csms', 'lc', 'gw'].map((node) => guardOf(node)) as [Guard, Guard, Guard]
type Guard = ReturnType<typeof guardOf>

const authorize = (id: string, token = 'a'): Call => ({
  ...{ type: CALL, id, action: 'Authorize' },
  payload: payloadOf({ idToken: { idToken: token, type: 'Central' } }),
})
const accepted = (id: string): Answer => ({ type: RESULT, id, payload: payloadOf({ idTokenInfo: { status: 'Accepted' } }) })
const blocked = (id: string): Answer => ({ type: RESULT, id, payload: payloadOf({ idTokenInfo: { status: 'Blocked' } }) })
const error = (id: string): Answer => ({ type: ERROR, id, code: 'InternalError', description: 'x', details: payloadOf({}) })

/** The station's message as it arrives, and an answer as somebody signs it. */
const question = (call: Call): Envelope => {
  const sealed = guardOf('cs').sealReport({ destination: ['csms'], path: ['cs'], header: { ocpp: VERSION }, message: call })
  return sealed
}
const signedBy = (by: Guard, asked: Envelope, answer: Answer): Answer => {
  const bare: Envelope = { destination: ['cs'], path: ['x'], header: { ocpp: VERSION }, message: answer }
  const { header } = by.sealAnswer(asked, bare)
  return foldedMessage(answer, header.signatures, VERSION)
}
const taken = async (answer: (asked: Envelope) => Answer): Promise<unknown> => {
  const call = door.sealCall(authorize('1'))
  return door.opened(call, answer(question(authorize('1')))).then(
    ({ type }) => (type === RESULT ? 'result' : 'error'),
    (thrown) => asFault(thrown).data.rule,
  )
}
const mixed = (words: Answer, signatures: Answer): Answer => {
  const from = (signatures as Answer & { payload: { value: { customData: never } } }).payload.value.customData
  return {
    ...words,
    payload: payloadOf({ ...((words as { payload: { value: object } }).payload.value as object), customData: from }),
  } as Answer
}

describe('what a station said is answered', () => {
  it('by the back end, or by a controller in its own name', async () => {
    expect(await taken((asked) => signedBy(backend, asked, accepted('1')))).toBe('result')
    expect(await taken((asked) => signedBy(controller, asked, accepted('1')))).toBe('result')
    expect(await taken((asked) => signedBy(backend, asked, error('1')))).toBe('error')
    expect(await taken((asked) => signedBy(gateway, asked, error('1')))).toBe('error')
  })

  it.each<[string, string, (asked: Envelope) => Answer]>([
    ['unsigned', 'answer-vouched', () => accepted('1')],
    ['by a gateway', 'answer-vouched', (asked) => signedBy(gateway, asked, accepted('1'))],
    ['by itself', 'answer-vouched', (asked) => signedBy(guardOf('cs'), asked, accepted('1'))],
    [
      'by a stranger in the name of the back end',
      'signature-present',
      (asked) => signedBy(guardOf('csms', 'stranger'), asked, accepted('1')),
    ],
    ['in other words', 'signature-intact', (asked) => mixed(accepted('1'), signedBy(backend, asked, blocked('1')))],
    ['to another token', 'signature-intact', () => signedBy(backend, question(authorize('1', 'b')), accepted('1'))],
    ['to an earlier message', 'signature-intact', () => mixed(accepted('1'), signedBy(backend, question(authorize('0')), accepted('0')))],
    ['an unsigned error', 'answer-vouched', () => error('1')],
    ['an error about other words', 'answer-vouched', () => signedBy(backend, question(authorize('1', 'b')), error('1'))],
  ])('and not: %s', async (_what, rule, answer) => {
    expect(await taken(answer)).toBe(rule)
  })
})
