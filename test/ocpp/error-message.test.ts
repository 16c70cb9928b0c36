import { describe, expect, it } from 'vitest'
import { asFault, Fault } from '../../src/base/fault.ts'
import { errorFor, errorForFrame, fitted, resultErrorFor } from '../../src/ocpp/error-message.ts'
import { ERROR, payloadOf, readFrame, writeFrame } from '../../src/ocpp/frame.ts'
import type { VERSIONS } from '../../src/ocpp/version.ts'

const onWire = (fault: Fault): string => writeFrame(errorFor('ocpp2.1', '1', fault))

describe('the error for a fault', () => {
  it('has its code, its words and its data', () => {
    const fault = new Fault('refused', 'only the grid operator may', { at: 'lc1', rule: 'limits', signers: ['a', 'b'], left: undefined })
    expect(onWire(fault)).toBe(
      '[4,"1","SecurityError","only the grid operator may",{"at":"lc1","rule":"limits","signers":["a","b"],"fault":"refused"}]',
    )
    expect(writeFrame(resultErrorFor('2', new Fault('payload-invalid', 'x', { kind: 'type' })))).toBe(
      '[5,"2","TypeConstraintViolation","x",{"kind":"type","fault":"payload-invalid"}]',
    )
  })

  it('cuts a description to 255 characters, never through the middle of one', () => {
    expect(errorFor('ocpp1.6', '1', new Fault('internal', 'é'.repeat(255))).description).toHaveLength(255)
    expect(errorFor('ocpp1.6', '1', new Fault('internal', 'x'.repeat(256))).description).toHaveLength(255)
    const cut = errorFor('ocpp1.6', '1', new Fault('internal', `${'x'.repeat(254)}😀`)).description
    expect(cut).toHaveLength(255)
    expect(cut.isWellFormed()).toBe(true)
  })

  it('stays small, and an object, whatever the data holds', () => {
    const hostile = {
      long: 'x'.repeat(10_000),
      list: Array(1000).fill('y'.repeat(1000)),
      fault: 'forged',
      huge: 1n,
      nan: Number.NaN,
      nested: { secret: 1 },
      call: () => 1,
      mixed: ['ok', 5, null],
      ['__proto__']: 'z',
    }
    const text = onWire(new Fault('internal', 'm', hostile as never))
    expect(text.length).toBeLessThan(10_000)
    const message = readFrame(text)
    if (message.type !== ERROR) throw new Error('expected a CALLERROR')
    expect(message.details.value).toMatchObject({ fault: 'internal', mixed: ['ok'], long: 'x'.repeat(255) })
    for (const dropped of ['huge', 'nan', 'nested', 'call']) expect(message.details.value).not.toHaveProperty(dropped)
  })

  it("does not repeat a stranger's words", () => {
    expect(onWire(asFault(new Error('password is hunter2')))).not.toContain('hunter2')
    expect(onWire(asFault('hunter2', 'store-failed'))).not.toContain('hunter2')
    expect(onWire(new Fault('store-failed', 'the disk is full', {}, new Error('ENOSPC')))).toContain('the disk is full')
  })

  it('keeps our own words, and no others, where a fault is passed on with more data', () => {
    const passedOn = (fault: Fault): Fault => new Fault(fault.code, fault.message, { ...fault.data, at: 'lc1' }, fault)
    expect(onWire(passedOn(passedOn(new Fault('refused', 'no rule allows it'))))).toContain('no rule allows it')
    expect(onWire(passedOn(passedOn(asFault(new Error('password is hunter2')))))).not.toContain('hunter2')
  })
})

describe('the error for a frame that cannot be read', () => {
  const answer = (version: (typeof VERSIONS)[number], text: string): string | undefined => {
    try {
      readFrame(text)
    } catch (thrown) {
      const error = errorForFrame(version, thrown as Fault)
      return error === undefined ? undefined : `${error.id} ${error.code}`
    }
    throw new Error('the frame was read')
  }

  it.each([
    ['a CALL without its payload', '[2,"7","Heartbeat"]', '7 RpcFrameworkError', '7 RpcFrameworkError', '7 ProtocolError'],
    [
      'a CALL that is too long',
      `[2,"7","X",{"a":"${'x'.repeat(300_000)}"}]`,
      '7 RpcFrameworkError',
      '7 RpcFrameworkError',
      '7 ProtocolError',
    ],
    ['a CALL without an id', '[2,null,"Heartbeat",{}]', '-1 RpcFrameworkError', '-1 RpcFrameworkError', undefined],
    ['rubbish', 'rubbish', '-1 RpcFrameworkError', '-1 RpcFrameworkError', undefined],
    ['a type that is text', '["2","7","Heartbeat",{}]', '7 RpcFrameworkError', '7 RpcFrameworkError', undefined],
    ['type 7', '[7,"7","Heartbeat",{}]', undefined, '7 MessageTypeNotSupported', undefined],
    ['type 1 without an id', '[1]', undefined, '-1 MessageTypeNotSupported', undefined],
    ['a bad CALLRESULT', '[3,"7",null]', undefined, undefined, undefined],
    ['a bad CALLERROR', '[4,"7"]', undefined, undefined, undefined],
    ['a bad CALLRESULTERROR', '[5,"7"]', undefined, undefined, undefined],
    ['a bad SEND', '[6,"7"]', undefined, undefined, undefined],
    ['a broken CALLRESULT', '[3,"7",{', undefined, undefined, undefined],
  ])('%s', (_, text, in21, in201, in16) => {
    expect([answer('ocpp2.1', text), answer('ocpp2.0.1', text), answer('ocpp1.6', text)]).toEqual([in21, in201, in16])
  })
})

it("another's error is fitted to the version and to its size, its details untouched", () => {
  const details = payloadOf({ any: ['thing'] })
  const foreign = { type: ERROR, id: 'x', code: 'OccurrenceConstraintViolation', description: 'd'.repeat(999), details } as const
  expect(fitted('ocpp1.6', '1', foreign)).toEqual({
    type: ERROR,
    id: '1',
    code: 'OccurenceConstraintViolation',
    description: 'd'.repeat(255),
    details,
  })
})
