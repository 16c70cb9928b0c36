// A station asks for a certificate. Where a certificate authority stands behind this back end the request is taken, and the
// certificate follows as a CertificateSigned (A02, A03; 1.6 security whitepaper §4.7); elsewhere it says so. The actions that ask
// about other people's certificates (OCSP, ISO 15118) have no handler at all: NotSupported is their honest answer.
import { type Behaviour, for2x, type Handler } from './behaviour.ts'
import { documentOf, textOf } from './fields.ts'

/** `kind` of the event by which the authority hears of a request. */
export const CERTIFICATE_ASKED = 'certificate-asked'
const NO_AUTHORITY = { reasonCode: 'UnsupportedRequest', additionalInfo: 'no certificate authority is connected to this back end' }
const OTHER_USE = { reasonCode: 'UnsupportedRequest', additionalInfo: 'only a charging station certificate is issued here' }
const USE = 'ChargingStationCertificate'

/** 1.6 has no room for a reason; 2.x A02 has. */
const answer =
  (hasReason: boolean): Handler =>
  ({ station, version, payload }, { settings }) => {
    const { certificateType = USE, requestId } = payload
    const reason = certificateType !== USE ? OTHER_USE : settings.certificates ? undefined : NO_AUTHORITY
    const told = reason
      ? { station, kind: 'certificate-refused', detail: reason.additionalInfo }
      : documentOf({ station, version, kind: CERTIFICATE_ASKED, csr: textOf(payload.csr), requestId })
    const status = reason ? 'Rejected' : 'Accepted'
    return {
      answer: { status, ...(reason && hasReason && { statusInfo: reason }) },
      changes: [],
      events: [{ type: 'security', data: told }],
    }
  }

export const certificates: Behaviour = {
  once: false,
  handlers: { 'ocpp1.6': { SignCertificate: answer(false) }, ...for2x({ SignCertificate: answer(true) }) },
}
