// A message as the rules of a policy see it, told from its envelope and the place where it is looked at.
import { CALL, type Envelope, RESULT } from '../ocpp/frame.ts'
import type { Bearing } from './signature-policy.ts'

/** @param question of an answer: it names the action */
export const bearingOf = (envelope: Envelope, place: Pick<Bearing, 'here' | 'direction' | 'ends'>, question?: Envelope): Bearing => {
  const { message, path, destination, header } = envelope
  const named = question?.message ?? message
  return {
    kind: message.type === CALL ? 'call' : message.type === RESULT ? 'result' : 'send',
    action: 'action' in named ? named.action : '',
    version: header.ocpp ?? question?.header.ocpp,
    payload: 'payload' in message ? message.payload.value : {},
    origin: path[0] as string,
    destination: (question?.path[0] ?? destination.at(-1)) as string,
    ...place,
  }
}
