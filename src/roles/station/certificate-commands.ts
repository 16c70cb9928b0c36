// A station's client certificate: asked for with a signing request, installed when the back end sends it, used from the next
// connection on. OCPP 2.0.1 and 2.1 A02, A03; OCPP 1.6 security whitepaper §4.7. The private key never leaves its keeper.
import type { OCPP16, OCPP20, OCPP21 } from 'typed-ocpp'
import { firmwareTrigger } from './firmware-commands.ts'
import type { Site } from './site.ts'
import { speech } from './terms.ts'
import { type Command, command } from './vocabulary.ts'

type TriggerStatus = 'Accepted' | 'Rejected' | 'NotImplemented'

/** The names of the certificate in a trigger, in 2.x and in 1.6. */
const TRIGGERS: readonly string[] = ['SignChargingStationCertificate', 'SignChargePointCertificate']
const USE = 'ChargingStationCertificate'

/** Undefined where the trigger is about something else. */
export const certificateTrigger = (site: Site, requested: string): TriggerStatus | undefined => {
  if (!TRIGGERS.includes(requested)) return undefined
  if (!site.certificates) return 'NotImplemented'
  site.soon(() => site.askForCertificate())
  return 'Accepted'
}

/** The request as the station's version says it. */
export const askingFor = (site: Site, csr: string) =>
  speech('SignCertificate', site.settings.version === 'ocpp1.6' ? { csr } : { csr, certificateType: USE })

const install = async (site: Site, chain: string, use = USE): Promise<'Accepted' | 'Rejected'> => {
  // A02.FR.09: what is wrong is refused, and the old one stays; there is no other use here
  if (use !== USE || !(await site.certificates?.install(chain))) return 'Rejected'
  site.soon(() => site.reconnect())
  return 'Accepted'
}

export const CERTIFICATE_COMMANDS_2X: Readonly<Record<string, Command>> = {
  CertificateSigned: command<OCPP21.CertificateSignedRequest, OCPP20.CertificateSignedResponse>(
    async ({ certificateChain, certificateType }, site) => ({ status: await install(site, certificateChain, certificateType) }),
  ),
}

export const CERTIFICATE_COMMANDS_16: Readonly<Record<string, Command>> = {
  CertificateSigned: command<OCPP16.CertificateSignedRequest, OCPP16.CertificateSignedResponse>(async ({ certificateChain }, site) => ({
    status: await install(site, certificateChain),
  })),
  ExtendedTriggerMessage: command<OCPP16.ExtendedTriggerMessageRequest, OCPP16.ExtendedTriggerMessageResponse>(
    ({ requestedMessage }, site) => ({
      status: certificateTrigger(site, requestedMessage) ?? firmwareTrigger(site, requestedMessage) ?? 'NotImplemented',
    }),
  ),
}
