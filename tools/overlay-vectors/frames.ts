// Frames, docs/protocol.md §2: the same message plain and on the overlay, what a reader takes and how it passes that on, what it refuses.
import {
  CALL,
  type Envelope,
  ERROR,
  type Header,
  type Message,
  type Payload,
  RESULT,
  RESULT_ERROR,
  readEnvelope,
  readFrame,
  SEND,
  writeEnvelope,
  writeFrame,
} from '../../src/ocpp/frame.ts'
import { caught } from './caught.ts'

export const frameVectors = () => ({
  about: 'The same message as a plain OCPP-J frame and as an overlay frame. docs/protocol.md §2',
  frames: MESSAGES.map(({ name, ...envelope }) => {
    const { destination, path, header, message } = envelope
    return { name, plain: writeFrame(message), overlay: writeEnvelope(envelope), destination, path, header, message: shown(message) }
  }),
  tolerated: TOLERATED.map(({ name, overlay }) => ({ name, overlay, forwarded: writeEnvelope(readEnvelope(overlay)) })),
  refused: REFUSED.map(({ name, ...texts }) => ({
    name,
    ...texts,
    fault: caught(() => ('plain' in texts ? readFrame(texts.plain) : readEnvelope(texts.overlay))),
  })),
})

/** A payload from its exact text. */
const text = (json: string): Payload => ({ text: json, value: JSON.parse(json) })
const OCPP_21: Header = { ocpp: 'ocpp2.1' }
const HEARTBEAT = { type: CALL, id: '1', action: 'Heartbeat', payload: text('{}') } as const
const STATUS = {
  type: CALL,
  id: '4711',
  action: 'StatusNotification',
  // a station's own blanks, order and trailing zero
  payload: text('{ "timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Available", "evseId": 1, "connectorId": 1.0 }'),
} as const

const MESSAGES: readonly (Envelope & { readonly name: string })[] = [
  {
    name: 'CALL of a station, as its controller passes it on',
    destination: ['csms'],
    path: ['cs-21-a', 'lc1'],
    header: OCPP_21,
    message: HEARTBEAT,
  },
  {
    name: 'CALLRESULT on its way back',
    destination: ['cs-21-a'],
    path: ['csms', 'gateway'],
    header: OCPP_21,
    message: { type: RESULT, id: '1', payload: text('{"currentTime":"2026-01-01T00:00:00.000Z"}') },
  },
  {
    name: 'CALLERROR of a node that knew no route',
    destination: ['csms'],
    path: ['lc1', 'gateway'],
    header: OCPP_21,
    message: {
      type: ERROR,
      id: '2',
      code: 'GenericError',
      description: 'no route leads to cs-21-a at the moment',
      details: text('{"at":"lc1","fault":"unreachable"}'),
    },
  },
  {
    name: 'CALLRESULTERROR (OCPP 2.1)',
    destination: ['gateway'],
    path: ['lc1'],
    header: OCPP_21,
    message: { type: RESULT_ERROR, id: '1', code: 'FormatViolation', description: '', details: text('{}') },
  },
  {
    name: 'SEND (OCPP 2.1)',
    destination: ['csms'],
    path: ['cs-21-a'],
    header: OCPP_21,
    message: {
      type: SEND,
      id: '9',
      action: 'NotifyPeriodicEventStream',
      payload: text('{"id":1,"pending":0,"basetime":"2026-01-01T00:00:00Z","data":[]}'),
    },
  },
  {
    name: 'source route: over lc1 to the station',
    destination: ['lc1', 'cs-21-a'],
    path: ['csms', 'gateway'],
    header: OCPP_21,
    message: HEARTBEAT,
  },
  { name: 'no header', destination: ['csms'], path: ['cs-21-a'], header: {}, message: HEARTBEAT },
  {
    name: 'payload bytes stay as the station wrote them',
    destination: ['csms'],
    path: ['cs-21-a', 'lc1'],
    header: OCPP_21,
    message: STATUS,
  },
  {
    name: 'kept while the uplink was down: the header says what was answered',
    destination: ['csms'],
    path: ['cs-21-a', 'lc1'],
    header: { ...OCPP_21, answered: {} },
    message: STATUS,
  },
]

const shown = (message: Message) => {
  const { type, id } = message
  if ('code' in message) return { type, id, code: message.code, description: message.description, details: message.details.value }
  return { type, id, ...('action' in message && { action: message.action }), payload: message.payload.value }
}

const TOLERATED = [
  { name: 'blanks between elements', overlay: ' [ 2 , "csms" , [ "cs-21-a" ] , "1" , "Heartbeat" , { } , { "ocpp" : "ocpp2.1" } ] ' },
  { name: 'header members that are not known', overlay: '[2,"csms","cs-21-a","1","Heartbeat",{},{"ocpp":"ocpp2.1","class":3}]' },
  { name: 'an action that is not known', overlay: '[2,"csms","cs-21-a","1","Nonesuch",{"a":[1,2.50]},{"ocpp":"ocpp2.1"}]' },
  { name: 'elements after the header', overlay: '[2,"csms","cs-21-a","1","Heartbeat",{},{"ocpp":"ocpp2.1"},"later"]' },
] as const

const NESTED = `${'['.repeat(63)}${']'.repeat(63)}`

const REFUSED: readonly ({ readonly name: string } & ({ readonly plain: string } | { readonly overlay: string }))[] = [
  { name: 'not JSON', plain: '[2,"1","Heartbeat",{}' },
  { name: 'not an array', plain: '{"2":"1"}' },
  { name: 'message type 7', plain: '[7,"1","Heartbeat",{}]' },
  { name: 'message id of 37 characters', plain: `[2,"${'1'.repeat(37)}","Heartbeat",{}]` },
  { name: 'message id is a number', plain: '[2,1,"Heartbeat",{}]' },
  { name: 'an element missing', plain: '[2,"1","Heartbeat"]' },
  { name: 'payload is an array', plain: '[3,"1",[]]' },
  { name: 'two members of one name', plain: '[2,"1","Reset",{"type":"OnIdle","type":"Immediate"}]' },
  { name: 'two members of one name, one of them escaped', plain: '[2,"1","Reset",{"type":"OnIdle","t\\u0079pe":"Immediate"}]' },
  { name: 'nests 65 deep', plain: `[3,"1",{"a":${NESTED}}]` },
  { name: 'a plain frame on an overlay link', overlay: '[2,"1","Heartbeat",{}]' },
  { name: 'destination is empty', overlay: '[2,[],"cs-21-a","1","Heartbeat",{}]' },
  { name: 'a node id with a colon', overlay: '[2,"csms","cs:21","1","Heartbeat",{}]' },
  { name: 'a path of 33 ids', overlay: `[2,"csms",${JSON.stringify(Array.from({ length: 33 }, (_, i) => `n${i}`))},"1","Heartbeat",{}]` },
  { name: 'header is null', overlay: '[2,"csms","cs-21-a","1","Heartbeat",{},null]' },
]
