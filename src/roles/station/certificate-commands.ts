// A station's client certificate: asked for with a signing request, installed when the back end sends it, used from the next
// connection on; and the roots it trusts, installed, listed and deleted. OCPP 2.0.1 and 2.1 A02, A03, M03-M05; OCPP 1.6 security
// whitepaper §4.5, §4.7. The private key never leaves its keeper.
import type { OCPP16, OCPP20, OCPP21 } from 'typed-ocpp'
import type { InstalledRoot, RootUse } from './certificates.ts'
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

const installRoot = (site: Site, use: RootUse, certificate: string): 'Accepted' | 'Rejected' | 'Failed' =>
  site.certificates?.installRoot(use, certificate) ?? 'Rejected'

const rootsOf = (site: Site, uses?: readonly string[]): readonly InstalledRoot[] =>
  (site.certificates?.installedRoots() ?? []).filter(({ use }) => !uses?.length || uses.includes(use))

/** The one root of 1.6 that has another name there. */
const USES_16 = { CentralSystemRootCertificate: 'CSMSRootCertificate', ManufacturerRootCertificate: 'ManufacturerRootCertificate' } as const

export const CERTIFICATE_COMMANDS_2X: Readonly<Record<string, Command>> = {
  InstallCertificate: command<OCPP21.InstallCertificateRequest, OCPP20.InstallCertificateResponse>(
    ({ certificateType, certificate }, site) => ({ status: installRoot(site, certificateType, certificate) }),
  ),
  GetInstalledCertificateIds: command<OCPP21.GetInstalledCertificateIdsRequest, OCPP21.GetInstalledCertificateIdsResponse>(
    ({ certificateType }, site) => {
      const [first, ...others] = rootsOf(site, certificateType).map(({ use, hash }) => ({
        certificateType: use,
        certificateHashData: hash,
      }))
      return first ? { status: 'Accepted', certificateHashDataChain: [first, ...others] } : { status: 'NotFound' }
    },
  ),
  DeleteCertificate: command<OCPP21.DeleteCertificateRequest, OCPP20.DeleteCertificateResponse>(({ certificateHashData }, site) => ({
    status: site.certificates?.remove(certificateHashData) ?? 'NotFound',
  })),
  CertificateSigned: command<OCPP21.CertificateSignedRequest, OCPP20.CertificateSignedResponse>(
    async ({ certificateChain, certificateType }, site) => ({ status: await install(site, certificateChain, certificateType) }),
  ),
}

export const CERTIFICATE_COMMANDS_16: Readonly<Record<string, Command>> = {
  InstallCertificate: command<OCPP16.InstallCertificateRequest, OCPP16.InstallCertificateResponse>(
    ({ certificateType, certificate }, site) => ({ status: installRoot(site, USES_16[certificateType], certificate) }),
  ),
  GetInstalledCertificateIds: command<OCPP16.GetInstalledCertificateIdsRequest, OCPP16.GetInstalledCertificateIdsResponse>(
    ({ certificateType }, site) => {
      const [first, ...others] = rootsOf(site, [USES_16[certificateType]]).map(({ hash }) => hash)
      return first ? { status: 'Accepted', certificateHashData: [first, ...others] } : { status: 'NotFound' }
    },
  ),
  DeleteCertificate: command<OCPP16.DeleteCertificateRequest, OCPP16.DeleteCertificateResponse>(({ certificateHashData }, site) => ({
    status: site.certificates?.remove(certificateHashData) ?? 'NotFound',
  })),
  CertificateSigned: command<OCPP16.CertificateSignedRequest, OCPP16.CertificateSignedResponse>(async ({ certificateChain }, site) => ({
    status: await install(site, certificateChain),
  })),
  ExtendedTriggerMessage: command<OCPP16.ExtendedTriggerMessageRequest, OCPP16.ExtendedTriggerMessageResponse>(
    ({ requestedMessage }, site) => ({
      status: certificateTrigger(site, requestedMessage) ?? firmwareTrigger(site, requestedMessage) ?? 'NotImplemented',
    }),
  ),
}
