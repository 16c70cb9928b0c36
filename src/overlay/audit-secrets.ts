// What encrypted orders in exports say, opened with keys that the auditor was given for it. An order opens only as what it is: for its addressee, from
// its origin, in its message (docs/protocol.md §4.12).
import type { Json } from '../base/ports.ts'
import type { Opener } from '../crypto/hpke.ts'
import { CALL, type Envelope, readEnvelope } from '../ocpp/frame.ts'
import { type ExportFile, readExports } from './audit-reader.ts'
import { decryptMessage, readEncrypted } from './encrypted.ts'
import type { OrderEvidence } from './evidence.ts'
import { placeOf } from './secrecy.ts'

/** By the frame of the order as the journal has it: its payload. What no key opens, or is no order, is not in it. */
export const openedOrders = async (
  files: readonly ExportFile[],
  openers: ReadonlyMap<string, Opener>,
): Promise<ReadonlyMap<string, Json>> => {
  const found = new Map<string, Json>()
  for (const { kind, data } of readExports(files).entries) {
    const { frame } = (data ?? {}) as Partial<OrderEvidence>
    if (typeof frame !== 'string' || (kind !== 'order-accepted' && kind !== 'order-refused')) continue
    const payload = await openedBy(frame, openers)
    if (payload !== undefined) found.set(frame, payload)
  }
  return found
}

const openedBy = async (frame: string, openers: ReadonlyMap<string, Opener>): Promise<Json | undefined> => {
  try {
    const envelope: Envelope = readEnvelope(frame)
    const encrypted = envelope.message.type === CALL ? readEncrypted(envelope.message.payload.value) : undefined
    const opener = encrypted && openers.get(encrypted.kid)
    if (!encrypted || !opener) return undefined
    const opened = await decryptMessage(envelope.message, encrypted, placeOf(envelope), opener)
    return 'payload' in opened ? opened.payload.value : undefined
  } catch {
    // altered, or no frame: the audit itself says so of the entry
    return undefined
  }
}
