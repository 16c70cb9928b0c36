// A station asks for a certificate. Where a certificate authority stands behind this back end, and somebody proved to be that station, it is taken, and the
// certificate follows as a CertificateSigned (A02, A03; 1.6 security whitepaper §4.7); elsewhere it says so. The actions that ask
// about other people's certificates (OCSP, ISO 15118) have no handler at all: NotSupported is their honest answer.
import { type Behaviour, type Desk, for2x, type Handler, type Received } from './behaviour.ts'
import { documentOf, textOf } from './fields.ts'

/** `kind` of the event by which the authority hears of a request. */
export const CERTIFICATE_ASKED = 'certificate-asked'
const NO_AUTHORITY = { reasonCode: 'UnsupportedRequest', additionalInfo: 'no certificate authority is connected to this back end' }
const OTHER_USE = { reasonCode: 'UnsupportedRequest', additionalInfo: 'only a charging station certificate is issued here' }
/** A certificate is a name for good: an id that anybody may take at an open door earns none. */
const UNPROVEN = { reasonCode: 'SecurityError', additionalInfo: 'nobody proved to be this station: no password, certificate or known key' }
const USE = 'ChargingStationCertificate'

const whyNot = ({ station, payload, isProven }: Received, { settings: { certificates } }: Desk) => {
  if ((payload.certificateType ?? USE) !== USE) return OTHER_USE
  if (!certificates) return NO_AUTHORITY
  return isProven?.() || certificates.released.includes(station) ? undefined : UNPROVEN
}

/** 1.6 has no room for a reason; 2.x A02 has. */
const answer =
  (hasReason: boolean): Handler =>
  (received, desk) => {
    const { station, version, payload } = received
    const reason = whyNot(received, desk)
    const about = { station, version, csr: textOf(payload.csr), requestId: payload.requestId }
    const isAsked = reason === undefined || reason === UNPROVEN
    // the authority hears of an unproven one too, and says which request an operator would have to release
    const told = isAsked
      ? documentOf({ ...about, kind: CERTIFICATE_ASKED, isProven: received.isProven?.() === true })
      : { station, kind: 'certificate-refused', detail: reason.additionalInfo }
    return {
      answer: { status: reason ? 'Rejected' : 'Accepted', ...(reason && hasReason && { statusInfo: reason }) },
      changes: [],
      events: [{ type: 'security', data: told }],
    }
  }

export const certificates: Behaviour = {
  once: false,
  handlers: { 'ocpp1.6': { SignCertificate: answer(false) }, ...for2x({ SignCertificate: answer(true) }) },
}
