// A station asks for a certificate. There is no certificate authority behind this back end, and it says so. The actions that
// ask about other people's certificates (OCSP, ISO 15118) have no handler at all: NotSupported is their honest answer.
import { type Behaviour, for2x, type Handler } from './behaviour.ts'

const REASON = { reasonCode: 'UnsupportedRequest', additionalInfo: 'no certificate authority is connected to this back end' }

/** OCPP 1.6 security whitepaper §4.7 has no room for a reason; 2.x A02 has. */
const refuse =
  (statusInfo: { readonly statusInfo?: typeof REASON }): Handler =>
  ({ station }) => ({
    answer: { status: 'Rejected', ...statusInfo },
    changes: [],
    events: [{ type: 'security', data: { station, kind: 'certificate-refused', detail: REASON.additionalInfo } }],
  })

export const certificates: Behaviour = {
  once: false,
  handlers: { 'ocpp1.6': { SignCertificate: refuse({}) }, ...for2x({ SignCertificate: refuse({ statusInfo: REASON }) }) },
}
