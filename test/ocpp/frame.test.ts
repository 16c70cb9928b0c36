import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import {
  CALL,
  ERROR,
  FRAME_LIMITS,
  type FrameLimits,
  type Message,
  payloadOf,
  RESULT,
  RESULT_ERROR,
  readEnvelope,
  readFrame,
  SEND,
  writeEnvelope,
  writeFrame,
} from '../../src/ocpp/frame.ts'

const heartbeat = payloadOf({})
const boot = payloadOf({ currentTime: '2025-01-01T00:00:00Z', interval: 300, status: 'Accepted' })

const GOLDEN: readonly [name: string, plain: string, message: Message][] = [
  ['CALL', '[2,"19223201","Heartbeat",{}]', { type: CALL, id: '19223201', action: 'Heartbeat', payload: heartbeat }],
  [
    'CALLRESULT',
    '[3,"19223201",{"currentTime":"2025-01-01T00:00:00Z","interval":300,"status":"Accepted"}]',
    { type: RESULT, id: '19223201', payload: boot },
  ],
  [
    'CALLERROR',
    '[4,"162376037","NotSupported","SetDisplayMessageRequest not implemented",{}]',
    { type: ERROR, id: '162376037', code: 'NotSupported', description: 'SetDisplayMessageRequest not implemented', details: payloadOf({}) },
  ],
  [
    'CALLRESULTERROR',
    '[5,"7","TypeConstraintViolation","",{"at":"lc1"}]',
    { type: RESULT_ERROR, id: '7', code: 'TypeConstraintViolation', description: '', details: payloadOf({ at: 'lc1' }) },
  ],
  [
    'SEND',
    '[6,"8","NotifyPeriodicEventStream",{"id":123}]',
    { type: SEND, id: '8', action: 'NotifyPeriodicEventStream', payload: payloadOf({ id: 123 }) },
  ],
]

const overlay = (plain: string, route: string, header = ''): string => `[${plain[1]},${route},${plain.slice(3, -1)}${header}]`

const fault = (run: () => unknown): Fault => {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
  throw new Error('expected a Fault, got none')
}
const faultOf = (text: string, limits: FrameLimits = FRAME_LIMITS): Fault => fault(() => readFrame(text, limits))

describe('plain frames', () => {
  it.each(GOLDEN)('reads and writes %s', (_, plain, message) => {
    expect(readFrame(plain)).toEqual(message)
    expect(writeFrame(message)).toBe(plain)
  })

  it.each(GOLDEN)('refuses %s with its last element missing', (_, plain, { type, id }) => {
    const short = `${plain.slice(0, plain.lastIndexOf(',{'))}]`
    expect(faultOf(short)).toMatchObject({ code: 'frame-malformed', data: { id, type } })
  })

  it('ignores a fifth element of a CALL, where a foreign extension keeps its signatures', () => {
    expect(readFrame('[2,"1","Heartbeat",{},{"signatures":[]}]')).toEqual({ type: CALL, id: '1', action: 'Heartbeat', payload: heartbeat })
  })

  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['no array', '{"a":1}'],
    ['null', 'null'],
    ['an empty array', '[]'],
    ['a type that is text', '["2","1","Heartbeat",{}]'],
    ['type 7', '[7,"1","Heartbeat",{}]'],
    ['type 2.5', '[2.5,"1","Heartbeat",{}]'],
    ['an id that is a number', '[2,1,"Heartbeat",{}]'],
    ['an empty id', '[2,"","Heartbeat",{}]'],
    ['an id of 37 characters', `[2,"${'1'.repeat(37)}","Heartbeat",{}]`],
    ['an empty action', '[2,"1","",{}]'],
    ['an action of 65 characters', `[2,"1","${'A'.repeat(65)}",{}]`],
    ['a payload that is an array', '[2,"1","Heartbeat",[]]'],
    ['a payload that is null', '[3,"1",null]'],
    ['a payload that is text', '[3,"1","{}"]'],
    ['a description that is no text', '[4,"1","GenericError",null,{}]'],
    ['details that are text', '[4,"1","GenericError","","{}"]'],
    ['trailing data', '[2,"1","Heartbeat",{}]x'],
    ['two frames', '[2,"1","Heartbeat",{}][2,"2","Heartbeat",{}]'],
    ['a trailing comma', '[2,"1","Heartbeat",{},]'],
    ['a byte order mark', '\ufeff[2,"1","Heartbeat",{}]'],
    ['a comment', '[2,"1","Heartbeat",{}/**/]'],
    ['an unclosed string', '[2,"1","Heartbeat",{"a":"b]'],
    ['a raw control character', '[2,"1","Heartbeat",{"a":"\u0001"}]'],
    ['NaN', '[2,"1","Heartbeat",{"a":NaN}]'],
  ])('refuses %s', (_, text) => {
    expect(faultOf(text).code).toBe('frame-malformed')
  })

  it('finds the id and type of a frame that is not JSON', () => {
    expect(faultOf('[2,"77","Heartbeat",{]').data).toEqual({ id: '77', type: 2 })
    expect(faultOf(' [ 3 , "78" , {').data).toEqual({ id: '78', type: 3 })
    expect(faultOf('rubbish').data).toEqual({ id: undefined, type: undefined })
  })

  it('refuses two members of one name, wherever they stand, and however they are spelled', () => {
    expect(faultOf('[2,"1","Authorize",{"idTag":"A","idTag":"B"}]')).toMatchObject({ code: 'frame-malformed', data: { id: '1', type: 2 } })
    expect(faultOf('[2,"1","X",{"a":[{"b":{"c":1,"\\u0063":2}}]}]').message).toContain('two members of one name')
    expect(faultOf('[2,"1","X",{"__proto__":1,"__proto__":2}]').code).toBe('frame-malformed')
    expect(readFrame('[2,"1","X",{"a":{"c":1},"b":{"c":":,:"}}]').id).toBe('1')
  })
})

describe('limits', () => {
  const nested = (depth: number): string => `[2,"1","X",{"a":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}]`

  it('counts nesting before anything is parsed', () => {
    expect(readFrame(nested(FRAME_LIMITS.depth)).id).toBe('1')
    expect(faultOf(nested(FRAME_LIMITS.depth + 1))).toMatchObject({ code: 'limit-exceeded', data: { id: '1', type: 2 } })
    expect(faultOf(nested(10_000)).code).toBe('limit-exceeded')
    expect(faultOf('['.repeat(100_000)).code).toBe('limit-exceeded')
  })

  it('does not take brackets in a string for nesting', () => {
    expect(readFrame(`[2,"1","X",{"a":"${'[{\\"'.repeat(1000)}"}]`).id).toBe('1')
  })

  it('counts the length of the whole frame', () => {
    const text = `[2,"1","X",{"a":"${'x'.repeat(1_000_000)}"}]`
    expect(faultOf(text)).toMatchObject({ code: 'limit-exceeded', data: { id: '1', type: 2 } })
    expect(readFrame(text, { length: text.length, depth: 64 }).id).toBe('1')
    expect(faultOf(text, { length: text.length - 1, depth: 64 }).code).toBe('limit-exceeded')
  })
})

describe('payload text', () => {
  const odd = '{ "a" : 1.0 ,\t"b":"\\u00e9\\/\\"]" , "c": [ 1e2, -0, 12345678901234567890 ],"d":1e400,"e":"\\ud800" }'

  it('is kept byte for byte, through plain and overlay frames', () => {
    const plain = readFrame(`[ 2 , "1" , "X" , ${odd} ]`)
    if (plain.type !== CALL) throw new Error('expected a CALL')
    expect(plain.payload.text).toBe(odd)
    expect(writeFrame(plain)).toBe(`[2,"1","X",${odd}]`)
    const { message } = readEnvelope(`[2,"cs1","csms","1","X", ${odd} ,{"class":1}]`)
    expect(writeFrame(message)).toBe(`[2,"1","X",${odd}]`)
  })

  it('is kept for error details', () => {
    expect(writeFrame(readFrame(`[4,"1","GenericError","",${odd}]`))).toBe(`[4,"1","GenericError","",${odd}]`)
  })
})

describe('overlay frames', () => {
  it.each(GOLDEN)('reads and writes %s with single nodes', (_, plain, message) => {
    const text = overlay(plain, '"csms","cs1"')
    const envelope = { destination: ['csms'], path: ['cs1'], header: {}, message }
    expect(readEnvelope(text)).toEqual(envelope)
    expect(writeEnvelope(envelope)).toBe(text)
  })

  it.each(GOLDEN)('reads and writes %s with routes and a header', (_, plain, message) => {
    const header = { ocpp: 'ocpp2.1', signatures: [{ protected: 'e30', signature: 'AA' }], hops: 3 } as const
    const text = overlay(plain, '["lc2","cs1"],["csms","gw"]', `,${JSON.stringify(header)}`)
    const envelope = { destination: ['lc2', 'cs1'], path: ['csms', 'gw'], header, message }
    expect(readEnvelope(text)).toEqual(envelope)
    expect(writeEnvelope(envelope)).toBe(text)
  })

  it('writes a header as it came, and one that was signed onto as it is now', () => {
    const came = '{ "ocpp" : "ocpp2.1", "hops":1.50 }'
    const text = `[2,"csms","cs1","1","X",{},${came}]`
    const envelope = readEnvelope(text)
    expect(writeEnvelope(envelope)).toBe(text)
    expect(writeEnvelope({ ...envelope, path: ['cs1', 'gw'] })).toBe(`[2,"csms",["cs1","gw"],"1","X",{},${came}]`)
    const signed = { ...envelope.header, signatures: [{ protected: 'e30', signature: 'AA' }] }
    expect(writeEnvelope({ ...envelope, header: signed })).toBe(
      '[2,"csms","cs1","1","X",{},{"ocpp":"ocpp2.1","hops":1.5,"signatures":[{"protected":"e30","signature":"AA"}]}]',
    )
    expect(writeEnvelope({ ...envelope, header: {} })).toBe('[2,"csms","cs1","1","X",{}]')
  })

  it('does not take the destination of a broken frame for its id', () => {
    expect(fault(() => readEnvelope('[2,"csms","cs1","1","Heartbeat",{]')).data).toEqual({ id: undefined, type: 2 })
  })

  it('reads a list of one node as that node', () => {
    expect(writeEnvelope(readEnvelope('[2,["csms"],["cs1"],"1","Heartbeat",{},{}]'))).toBe('[2,"csms","cs1","1","Heartbeat",{}]')
  })

  it.each([
    ['an empty destination', '[2,[],"cs1","1","Heartbeat",{}]'],
    ['an empty path', '[2,"csms",[],"1","Heartbeat",{}]'],
    ['a node id with a colon', '[2,"cs:ms","cs1","1","Heartbeat",{}]'],
    ['a node id with a slash', '[2,"../x","cs1","1","Heartbeat",{}]'],
    ['a node id of 49 characters', `[2,"${'a'.repeat(49)}","cs1","1","Heartbeat",{}]`],
    ['a path of 33 nodes', `[2,"csms",${JSON.stringify(Array(33).fill('a'))},"1","Heartbeat",{}]`],
    ['a node id that is a number', '[2,[1],"cs1","1","Heartbeat",{}]'],
    ['a header that is an array', '[2,"csms","cs1","1","Heartbeat",{},[]]'],
    ['a header that is null', '[2,"csms","cs1","1","Heartbeat",{},null]'],
    ['a plain frame', '[2,"1","Heartbeat",{}]'],
  ])('refuses %s', (_, text) => {
    expect(fault(() => readEnvelope(text)).code).toBe('frame-malformed')
  })
})

describe('any input', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })) as fc.Arbitrary<{ readonly [key: string]: Json }>
  const payload = object.map(payloadOf)
  const id = fc.string({ minLength: 1, maxLength: 36 })
  const word = fc.string({ minLength: 1, maxLength: 64 })
  const message: fc.Arbitrary<Message> = fc.oneof(
    fc.record({ type: fc.constantFrom(CALL, SEND), id, action: word, payload }),
    fc.record({ type: fc.constant(RESULT), id, payload }),
    fc.record({ type: fc.constantFrom(ERROR, RESULT_ERROR), id, code: word, description: fc.string(), details: payload }),
  )
  const route = fc.array(fc.stringMatching(/^[A-Za-z0-9*\-_=|@+]{1,48}$/), { minLength: 1, maxLength: 32 })

  it('is read as it was written', () => {
    fc.assert(
      fc.property(message, route, route, object, (written, destination, path, header) => {
        const plain = readFrame(writeFrame(written), { length: 1e6, depth: 64 })
        expect(writeFrame(plain)).toBe(writeFrame(written))
        expect({ ...plain, payload: 0, details: 0 }).toEqual({ ...written, payload: 0, details: 0 })
        const text = writeEnvelope({ destination, path, header, message: written })
        const envelope = readEnvelope(text, { length: 1e6, depth: 64 })
        expect(writeEnvelope(envelope)).toBe(text)
        expect(envelope).toMatchObject({ destination, path })
      }),
      { numRuns: 300 },
    )
  })

  it('that is not a frame throws nothing but a Fault', () => {
    const never = (text: string): void => {
      for (const read of [readFrame, readEnvelope]) {
        try {
          read(text)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Fault)
        }
      }
    }
    const frame = fc.constantFrom(...GOLDEN.flatMap(([, plain]) => [plain, overlay(plain, '["a","b"],"c"', ',{"x":1}')]))
    const edit = fc.tuple(
      fc.nat(120),
      fc.nat(4),
      fc.oneof(fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', ':', '\ud800'), fc.string({ maxLength: 3 })),
    )
    fc.assert(
      fc.property(frame, fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
        never(edits.reduce((cut, [at, drop, insert]) => cut.slice(0, at) + insert + cut.slice(at + drop), text))
      }),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), never), { numRuns: 500 })
  })
})
