// The one error of the product. A Fault says what was expected and what was found, carries data for machines,
// and has a code from the closed list below; docs/faults.md says what a person does about each.

/** Every code, with the short sentence that docs/faults.md must open with. Adding one is adding a row here and there. */
export const FAULTS = {
  // base
  'bytes-malformed': 'the text is not the encoding it should be',
  'json-malformed': 'the text is not JSON, or JSON that means two things',
  'limit-exceeded': 'an input is larger, deeper or longer than allowed',
  internal: 'the program broke one of its own rules',
  // crypto
  'key-malformed': 'the bytes are not a public key in a known form',
  'algorithm-unsupported': 'the algorithm or curve is not one we can compute',
  'decryption-failed': 'the ciphertext does not open with this key in this place',
  // ocpp
  'frame-malformed': 'the text is not an OCPP-J frame',
  'payload-invalid': 'the payload breaks the schema of its action',
  'action-unknown': 'the action is not part of that OCPP version',
  // overlay
  unreachable: 'no route leads to the destination at the moment',
  'hop-limit': 'the message went over too many hops, or in a circle',
  timeout: 'the answer did not come in time',
  'queue-full': 'too much is waiting for that destination already',
  'link-lost': 'the connection broke before the answer came; whether it was acted on is unknown',
  refused: 'a policy rule refused the message',
  dropped: 'a firewall rule dropped the message, and nobody is answered',
  'remote-error': 'the other side answered with an error',
  // adapters
  'config-invalid': 'the configuration file is not usable',
  'store-failed': 'the store could not be written or read',
  'port-taken': 'another program listens on that port',
  // transparency
  'input-unknown': 'nothing that reads meter records recognises this input',
  'record-malformed': 'a meter record is damaged or breaks its format',
  'input-missing': 'there is no such file or folder',
  'link-not-followed': 'the input is a link, and links are not followed',
  'key-unused': 'the key speaks of no meter in this question',
} as const satisfies Record<string, string>

export type FaultCode = keyof typeof FAULTS

/** Data that explains a fault to a machine: flat, printable, never a secret. */
export type FaultData = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export class Fault extends Error {
  readonly code: FaultCode
  readonly data: FaultData

  /** @param message lower case; says what was expected and what was found */
  constructor(code: FaultCode, message: string, data: FaultData = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'Fault'
    this.code = code
    this.data = data
  }
}

/** Turns whatever was thrown into a Fault; a foreign error becomes `internal` (or the given code) with the original as its cause. */
export const asFault = (thrown: unknown, code: FaultCode = 'internal'): Fault =>
  thrown instanceof Fault ? thrown : new Fault(code, thrown instanceof Error ? thrown.message : String(thrown), {}, thrown)
