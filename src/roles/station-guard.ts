// The guard at a station's own door: signatures come in `customData`, the decision is the node's guard, and what the
// station says leaves sealed. OCPP 1.6 has no place for signatures; there the last overlay node decides instead.
import { asFault, type Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Answer } from '../ocpp/connection.ts'
import { type Call, type Envelope, payloadOf, RESULT } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'
import { carriesSignatures, foldSignatures, liftSignatures } from '../overlay/custom-data.ts'
import type { Guard } from '../overlay/guard.ts'
import type { KeyLedger } from '../overlay/key-ledger.ts'
import { readIssuer } from '../overlay/signature.ts'
import { hearAtStation, KEY_NEWS, VENDOR } from './key-news.ts'
import { openGuard, type Refused, type StationGuard } from './station/parts.ts'

interface GuardedStation {
  readonly id: string
  readonly version: Version
  readonly backend: string
}

/** @param ledger takes facts about keys, which come as a DataTransfer and vouch for themselves; no rule has to allow them */
export const stationGuard = (guard: Guard, station: GuardedStation, ledger?: KeyLedger): StationGuard => {
  if (!carriesSignatures(station.version)) return openGuard
  return {
    ...(ledger && { told: (call: Call) => keyNews(call, ledger) }),
    admit: (call) =>
      guard.admit(asked(call, station), station.id).then(
        () => ({ allowed: true }),
        (error) => refusal(asFault(error), station.id),
      ),
    seal(call, answer): Answer {
      if (!('payload' in answer)) return answer
      const envelope: Envelope = { destination: ['-'], path: [station.id], header: {}, message: answer }
      const { header } = guard.sealAnswer(asked(call, station), envelope)
      return { ...answer, payload: foldSignatures(answer.payload, header.signatures) }
    },
    sealCall(call): Call {
      const envelope: Envelope = { destination: [station.backend], path: [station.id], header: {}, message: call }
      const { header } = guard.sealReport(envelope)
      return { ...call, payload: foldSignatures(call.payload, header.signatures) }
    },
  }
}

/** The answer to news of keys; undefined where the call is about something else. */
const keyNews = async (call: Call, ledger: KeyLedger): Promise<Answer | undefined> => {
  const { vendorId, messageId, data } = call.payload.value as { readonly [member: string]: Json | undefined }
  if (call.action !== 'DataTransfer' || vendorId !== VENDOR || messageId !== KEY_NEWS) return undefined
  return hearAtStation(ledger, data).then(
    (said) => ({ type: RESULT, id: call.id, payload: payloadOf({ status: 'Accepted', data: said }) }),
    (error) => ({
      type: RESULT,
      id: call.id,
      payload: payloadOf({ status: 'Rejected', statusInfo: { reasonCode: 'SecurityError', additionalInfo: asFault(error).message } }),
    }),
  )
}

/** A plain CALL as the envelope it was before the last hop: who asked is who signed. */
const asked = (call: Call, station: GuardedStation): Envelope => {
  const { payload, signatures } = liftSignatures(call.payload)
  const origin = signatures?.[0] ? readIssuer(signatures[0]) : undefined
  return {
    destination: [station.id],
    path: [origin ?? 'unsigned'],
    header: { ocpp: station.version, ...(signatures && { signatures }) },
    message: { ...call, payload },
  }
}

const refusal = ({ code, message, data }: Fault, station: string): Refused => {
  const { at = station, rule = 'none', flaw } = data
  const details = { at: String(at), fault: code, rule: String(rule), ...(flaw !== undefined && { flaw: String(flaw) }) }
  return { allowed: false, code, description: message, details }
}
