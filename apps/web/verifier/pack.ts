// Inputs as one archive: to be saved, or carried by a link. Loaded when somebody asks for it.
import { zipSync } from 'fflate'
import type { Input } from './question.ts'

/** A zip of them under their names; the same inputs give the same bytes. */
export const packed = (inputs: readonly Input[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(zipSync(Object.fromEntries(inputs.map(({ name, bytes }) => [safe(name), bytes])), { level: 9, mtime: EARLIEST }))

/** What the format can say of a time (PKWARE APPNOTE §4.4.6); nothing is to be told of when it was packed. */
const EARLIEST = new Date(1980, 0, 1)

/** A name that leads nowhere outside of the folder it is unpacked in. */
const safe = (name: string): string =>
  name
    .split(/[/\\]/)
    .filter((part) => !['', '.', '..'].includes(part))
    .join('/') || 'input'
