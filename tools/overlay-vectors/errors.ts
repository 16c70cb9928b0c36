// What a node answers when it does not pass a CALL on, docs/protocol.md §7: the frame, and the code in each OCPP version.
import { Fault } from '../../src/base/fault.ts'
import { CALL, type Envelope, payloadOf, writeEnvelope } from '../../src/ocpp/frame.ts'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'
import { errorAnswer } from '../../src/overlay/error-answer.ts'

export const errorVectors = () => ({
  about: 'CALLERRORs of the node "lc1" to a CALL of the node "csms", in OCPP 2.1, and the code in every version. docs/protocol.md §7',
  errors: FAULTS.map((fault) => ({
    fault: fault.code,
    frame: writeEnvelope(errorAnswer(question('ocpp2.1'), fault, 'lc1')),
    codes: Object.fromEntries(VERSIONS.map((version) => [version, codeOf(errorAnswer(question(version), fault, 'lc1'))])),
  })),
})

const question = (version: Version): Envelope => ({
  destination: ['cs-21-a'],
  path: ['csms', 'gateway'],
  header: { ocpp: version },
  message: { type: CALL, id: '2', action: 'Reset', payload: payloadOf({ type: 'OnIdle' }) },
})

const codeOf = ({ message }: Envelope): string => ('code' in message ? message.code : '')

const FAULTS: readonly Fault[] = [
  new Fault('unreachable', 'no route leads to cs-21-a at the moment'),
  new Fault('hop-limit', 'the message was here before: csms > lc1 > gateway'),
  new Fault('timeout', 'no answer to Reset within 29400 ms'),
  new Fault('queue-full', '64 calls wait on this connection already'),
  new Fault('link-lost', 'the connection broke with 1006'),
  new Fault('refused', 'refused by rule deny-by-default: the role grid-operator may not ask for Reset', { rule: 'deny-by-default' }),
  new Fault('payload-invalid', 'cs-21-a speaks ocpp2.1, the message is ocpp1.6'),
  new Fault('action-unknown', 'the action is not part of ocpp2.1'),
  new Fault('limit-exceeded', 'expected at most 8 signatures, got 9'),
  new Fault('store-failed', 'the changes were not kept'),
]
