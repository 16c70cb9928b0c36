// The list of certificates that an authority took back (RFC 5280 §5), read from a file and read again when it changes. A list that
// is missing, out of date or not the authority's stops everybody: it fails closed.
import { readFileSync, statSync } from 'node:fs'
import { asFault, Fault } from '../base/fault.ts'
import type { Clock } from '../base/ports.ts'

/** Why a certificate does not count; undefined where it does. */
export type RevocationCheck = (serial: string) => Promise<string | undefined>

interface List {
  readonly mtimeMs: number
  readonly serials: ReadonlySet<string>
  readonly until: number
}

export interface RevocationList {
  readonly check: RevocationCheck
  /** Which of these are on the list, however old that is; none where there is no list of the authority's. */
  takenBack(serials: Iterable<string>): Promise<ReadonlySet<string>>
}

/** @param files the list, and the authority's certificate as PEM text */
export const revocationList = (files: { list: string; ca: string }, clock: Pick<Clock, 'now'>): RevocationList => {
  let known: List | undefined
  const current = async (): Promise<List> => {
    const { mtimeMs } = statSync(files.list)
    if (known?.mtimeMs === mtimeMs) return known
    // most nodes have no list, and start sooner without its reader
    await import('reflect-metadata')
    const { X509Certificate, X509Crl } = await import('@peculiar/x509')
    const list = new X509Crl(readFileSync(files.list, 'utf8'))
    if (!(await list.verify({ publicKey: new X509Certificate(files.ca) }))) {
      throw new Fault('config-invalid', 'it is not signed by the authority')
    }
    known = {
      mtimeMs,
      serials: new Set(list.entries.map(({ serialNumber }) => plainSerial(serialNumber))),
      until: list.nextUpdate?.getTime() ?? 0,
    }
    return known
  }
  const check: RevocationCheck = async (serial) => {
    try {
      const { serials, until } = await current()
      if (until <= clock.now()) return 'the revocation list is out of date'
      return serials.has(plainSerial(serial)) ? 'the client certificate was revoked' : undefined
    } catch (error) {
      return `the revocation list cannot be used: ${asFault(error).message}`
    }
  }
  const takenBack: RevocationList['takenBack'] = async (serials) => {
    // `check` says what is wrong with it, to everybody who comes
    const list = await current().catch(() => undefined)
    return new Set([...serials].filter((serial) => list?.serials.has(plainSerial(serial))))
  }
  return { check, takenBack }
}

/** A serial number as Node, OpenSSL and lists print it, in one spelling. */
export const plainSerial = (serial: string): string =>
  serial
    .toLowerCase()
    .replace(/[^0-9a-f]/g, '')
    .replace(/^0+(?=.)/, '')
