// The guard at a station's own door: signatures come in `customData`, the decision is the node's guard, and what the
// station says leaves sealed. OCPP 1.6 has no place for signatures; there the last overlay node decides instead.
import { asFault } from '../base/fault.ts'
import type { Answer } from '../ocpp/connection.ts'
import type { Call, Envelope } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'
import { carriesSignatures, foldSignatures, liftSignatures } from '../overlay/custom-data.ts'
import type { Guard } from '../overlay/guard.ts'
import { readIssuer } from '../overlay/signature.ts'
import { openGuard, type StationGuard } from './station/parts.ts'

export const stationGuard = (guard: Guard, station: { id: string; version: Version; backend: string }): StationGuard => {
  if (!carriesSignatures(station.version)) return openGuard
  /** A plain CALL as the envelope it was before the last hop: who asked is who signed. */
  const asked = (call: Call): Envelope => {
    const { payload, signatures } = liftSignatures(call.payload)
    const origin = signatures?.[0] ? readIssuer(signatures[0]) : undefined
    return {
      destination: [station.id],
      path: [origin ?? 'unsigned'],
      header: { ocpp: station.version, ...(signatures && { signatures }) },
      message: { ...call, payload },
    }
  }
  return {
    async admit(call) {
      try {
        await guard.admit(asked(call), station.id)
        return { allowed: true }
      } catch (error) {
        const fault = asFault(error)
        const { at = station.id, rule = 'none', flaw } = fault.data
        return {
          allowed: false,
          code: fault.code,
          description: fault.message,
          details: { at: String(at), fault: fault.code, rule: String(rule), ...(flaw !== undefined && { flaw: String(flaw) }) },
        }
      }
    },
    seal(call, answer): Answer {
      if (!('payload' in answer)) return answer
      const envelope: Envelope = { destination: ['-'], path: [station.id], header: {}, message: answer }
      const { header } = guard.sealAnswer(asked(call), envelope)
      return { ...answer, payload: foldSignatures(answer.payload, header.signatures) }
    },
    sealCall(call): Call {
      const envelope: Envelope = { destination: [station.backend], path: [station.id], header: {}, message: call }
      const { header } = guard.sealReport(envelope)
      return { ...call, payload: foldSignatures(call.payload, header.signatures) }
    },
  }
}
