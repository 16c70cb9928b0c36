// The CALLERRORs that we write ourselves: what they say, and whether a frame that cannot be read is answered at all.
// Building one never fails, whatever the fault carries: an error path is an attack path.
import { FAULTS, Fault, type FaultData } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { spelled, wireCode } from './error-code.ts'
import { CALL, ERROR, type ErrorMessage, payloadOf, RESULT_ERROR, SEND } from './frame.ts'
import type { Version } from './version.ts'

/** Answers a CALL with a fault: its code, its message and its data, cut to size; never anything of the payload. */
export const errorFor = (version: Version, id: string, fault: Fault): ErrorMessage => ({
  type: ERROR,
  id,
  code: wireCode(version, fault),
  description: description(words(fault)),
  details: payloadOf({ ...printable(fault.data), fault: fault.code }),
})

/** Answers a CALLRESULT that cannot be used; only OCPP 2.1 has that message (Part 4 §4.2.3). */
export const resultErrorFor = (id: string, fault: Fault): ErrorMessage => ({ ...errorFor('ocpp2.1', id, fault), type: RESULT_ERROR })

/**
 * The answer to a frame that could not be read, where the version has one; `fault` is what `readFrame` threw. Errors, results and SENDs are
 * never answered with an error: two nodes could do so for ever.
 */
export const errorForFrame = (version: Version, fault: Fault): ErrorMessage | undefined => {
  const { type } = fault.data
  const id = typeof fault.data.id === 'string' ? fault.data.id : undefined
  if (typeof type === 'number' && type > CALL && type <= SEND) return undefined
  if (typeof type === 'number' && type !== CALL) {
    // 2.0.1 Part 4 §4.4 answers an unknown type; 2.1 Part 4 §4.1.3 and OCPP-J 1.6 §4.1.3 ignore it
    return version === 'ocpp2.0.1'
      ? { ...errorFor(version, id ?? NO_ID, fault), code: spelled(version, 'MessageTypeNotSupported') }
      : undefined
  }
  // 1.6 has no id that stands for an unreadable one
  if (version === 'ocpp1.6') return id === undefined || type !== CALL ? undefined : errorFor(version, id, fault)
  return errorFor(version, id ?? NO_ID, fault)
}

/** Another's error as it goes out under this version: exact spelling, and no description that a peer could choke on. */
export const fitted = (version: Version, id: string, error: ErrorMessage): ErrorMessage => ({
  type: ERROR,
  id,
  code: spelled(version, error.code),
  description: description(error.description),
  details: error.details,
})

/** OCPP 2.x Part 4 §4.2.3: the id of an answer to a message whose id could not be read. */
const NO_ID = '-1'

/**
 * A message borrowed from a stranger's error (see `asFault`) may hold anything, so the peer is not told its words. A Fault that another only
 * added data to keeps its own.
 */
const words = ({ code, message, cause }: Fault): string => {
  if (cause instanceof Fault && cause.message === message) return words(cause)
  const borrowed = cause instanceof Error ? cause.message : cause
  return cause !== undefined && borrowed === message ? FAULTS[code] : message
}

/** string[255] (Part 4 §4.2.3), without the half of a surrogate pair that a cut may leave. */
const description = (text: string): string => (text.length > 255 ? text.slice(0, 255) : text).toWellFormed()

const printable = (data: FaultData): Record<string, Json> => {
  const safe: [string, Json][] = []
  for (const [key, value] of Object.entries(data).slice(0, 16)) {
    if (typeof value === 'string') safe.push([key, description(value)])
    else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) safe.push([key, value])
    else if (Array.isArray(value))
      safe.push([
        key,
        value
          .filter((item) => typeof item === 'string')
          .slice(0, 32)
          .map(description),
      ])
  }
  return Object.fromEntries(safe)
}
