// What keeps a station's client certificate and its key: the face that an adapter fulfils.

/** Keeps the key and the certificate of a station. */
export interface StationCertificates {
  /** A new key pair; resolves with the signing request for it, PEM. */
  request(): Promise<string>
  /** Resolves with whether the chain is for the key last asked for, in force, and from the station's own authority. */
  install(chain: string): Promise<boolean>
}
