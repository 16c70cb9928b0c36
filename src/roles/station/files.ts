// What a station fetches and sends by HTTP: the face that an adapter fulfils.
import type { Manufacturer } from '../firmware/signing-certificate.ts'

export interface StationFiles {
  /** The bytes behind an address. Rejects with a Fault where they cannot be had. */
  fetch(url: string): Promise<Uint8Array>
  /** Puts bytes at an address, below it under `name` where the address is a folder. Rejects with a Fault where nobody takes them. */
  send(url: string, name: string, bytes: Uint8Array): Promise<void>
}

export interface UpkeepParts {
  readonly files: StationFiles
  /** Whose signature firmware needs; without it none is asked for. */
  readonly manufacturer?: Manufacturer
}
