// The public door of OCPP-J: frames, actions, schemas, validation, error codes, and a connection over any link.
export { type ActionKind, actionKind, actionsOf } from './actions.ts'
export { type Answer, Connection, type ConnectionHandler, type ConnectionOptions } from './connection.ts'
export { spelled, type WireCode, wireCode } from './error-code.ts'
export { errorFor, errorForFrame, resultErrorFor } from './error-message.ts'
export {
  CALL,
  type Call,
  type Envelope,
  ERROR,
  type ErrorMessage,
  FRAME_LIMITS,
  type FrameLimits,
  type Header,
  isNodeId,
  type Message,
  type Payload,
  payloadOf,
  RESULT,
  RESULT_ERROR,
  type Result,
  readEnvelope,
  readFrame,
  SEND,
  type Send,
  type SignatureObject,
  writeEnvelope,
  writeFrame,
} from './frame.ts'
export { type ActionSchemas, type Schema, schemasOf } from './schemas.ts'
export { type Flaw, type FlawKind, flawFault, validateRequest, validateResponse } from './validate.ts'
export { isVersion, VERSIONS, type Version } from './version.ts'
