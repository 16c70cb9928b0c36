// Messages that begin at a node, before anybody signed them: a CALL, a SEND, and the answer to a CALL.
import type { Json, Random } from '../base/ports.ts'
import { CALL, type Envelope, type Header, type Payload, payloadOf, RESULT, SEND } from '../ocpp/frame.ts'
import type { CallOptions } from './node-parts.ts'

interface Speaker {
  readonly self: string
  readonly random: Pick<Random, 'uuid'>
}

export const callFrom = (
  { self, random }: Speaker,
  destination: string,
  { action, payload }: { readonly action: string; readonly payload: Payload },
  { ocpp, timeoutMs }: CallOptions,
): Envelope => ({
  destination: [destination],
  path: [self],
  header: timeoutMs === undefined ? { ocpp } : { ocpp, ttl: timeoutMs },
  message: { type: CALL, id: random.uuid(), action, payload },
})

export const sendFrom = (
  { self, random }: Speaker,
  destination: string,
  { action, value }: { readonly action: string; readonly value: Json },
  header: Header,
): Envelope => ({
  destination: [destination],
  path: [self],
  header,
  message: { type: SEND, id: random.uuid(), action, payload: payloadOf(value) },
})

export const resultFrom = (self: string, { path, header, message }: Envelope, payload: Payload): Envelope => ({
  destination: [path[0] as string],
  path: [self],
  header: header.ocpp ? { ocpp: header.ocpp } : {},
  message: { type: RESULT, id: message.id, payload },
})
