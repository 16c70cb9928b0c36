// What keeps a station's certificates, its own and those it trusts, and its key: the face that an adapter fulfils.

/** How OCPP names a certificate (CertificateHashDataType): the one whose issuer has this name and key, by its serial number. Hex. */
export interface CertificateHash {
  readonly hashAlgorithm: 'SHA256' | 'SHA384' | 'SHA512'
  readonly issuerNameHash: string
  readonly issuerKeyHash: string
  readonly serialNumber: string
}

/** What a root certificate is trusted for, in the words of OCPP 2.1. */
export type RootUse =
  | 'CSMSRootCertificate'
  | 'ManufacturerRootCertificate'
  | 'V2GRootCertificate'
  | 'MORootCertificate'
  | 'OEMRootCertificate'

export interface InstalledRoot {
  readonly use: RootUse
  readonly hash: CertificateHash
}

/** Keeps the key and the certificate of a station, and the roots it trusts. */
export interface StationCertificates {
  /** A new key pair; resolves with the signing request for it, PEM. */
  request(): Promise<string>
  /** Resolves with whether the chain is for the key last asked for, in force, and from the station's own authority. */
  install(chain: string): Promise<boolean>
  /** `Rejected` for what is no root certificate in force, `Failed` where there is no more room. From the next connection on it counts. */
  installRoot(use: RootUse, certificate: string): 'Accepted' | 'Rejected' | 'Failed'
  installedRoots(): readonly InstalledRoot[]
  /** `Failed` for the one that the station was delivered with, and for its own certificate. */
  remove(hash: CertificateHash): 'Accepted' | 'Failed' | 'NotFound'
}
