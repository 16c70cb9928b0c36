// What a refusal looks like on the wire, and what is read from it again.
import { describe, expect, it } from 'vitest'
import { asFault, Fault } from '../../src/base/fault.ts'
import { ERROR, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { errorAnswer, refusalOf } from '../../src/overlay/error-answer.ts'
import { callOf } from './support.ts'

const call = callOf({ from: ['cs', 'lc'], to: 'csms' }, { id: '7' }, { ocpp: 'ocpp1.6' })

describe('an error answer', () => {
  it('goes back to the origin, in the spelling of its version, and names who spoke and the rule', () => {
    const answer = errorAnswer(call, new Fault('refused', 'refused by rule r', { rule: 'r', flaw: 'expired' }), 'lc')
    expect(answer).toMatchObject({
      destination: ['cs'],
      path: ['lc'],
      header: { ocpp: 'ocpp1.6' },
      message: { type: ERROR, id: '7', code: 'SecurityError', description: 'refused by rule r' },
    })
    expect(refusalOf(answer)).toEqual({ at: 'lc', fault: 'refused', rule: 'r' })
    const flaw = new Fault('payload-invalid', 'x', { kind: 'format' })
    expect(errorAnswer(call, flaw, 'lc').message).toMatchObject({ code: 'FormationViolation' })
    expect(errorAnswer({ ...call, header: {} }, flaw, 'lc').message).toMatchObject({ code: 'FormatViolation' })
  })

  it('keeps the node that a fault names already', () => {
    expect(refusalOf(errorAnswer(call, new Fault('refused', '', { at: 'cs' }), 'lc')).at).toBe('cs')
  })

  it('does not repeat the words of an error that is not ours', () => {
    const answer = errorAnswer(call, asFault(new TypeError('cannot read secret')), 'lc')
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(refusalOf(answer)).toEqual({ at: 'lc', fault: 'internal' })
  })

  it('of a stranger is read as far as it goes', () => {
    const foreign = (details: unknown) =>
      refusalOf({
        ...call,
        path: ['cs', 'lc'],
        message: { type: ERROR, id: '7', code: 'InternalError', description: '', details: { text: '', value: details as never } },
      })
    for (const details of [{}, [], null, { at: 7, fault: {}, rule: null }]) expect(foreign(details)).toEqual({ at: 'cs' })
    expect(refusalOf({ ...call, message: { type: RESULT, id: '7', payload: payloadOf({ at: 'x', fault: 'refused' }) } })).toEqual({
      at: 'cs',
    })
  })
})
