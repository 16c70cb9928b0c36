// Which kind of picture a file is, by its first bytes.
import { hasAt } from '../../base/bytes.ts'

export type PictureKind = 'png' | 'jpeg' | 'gif' | 'bmp' | 'webp'

export const pictureKind = (bytes: Uint8Array): PictureKind | undefined => KINDS.find(({ is }) => is(bytes))?.kind

const begins =
  (...magic: readonly number[]) =>
  (bytes: Uint8Array): boolean =>
    hasAt(bytes, magic)

const KINDS: readonly { readonly kind: PictureKind; is(bytes: Uint8Array): boolean }[] = [
  { kind: 'png', is: begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  { kind: 'jpeg', is: begins(0xff, 0xd8, 0xff) },
  { kind: 'gif', is: begins(0x47, 0x49, 0x46, 0x38) },
  // two letters are too few to go by: the two reserved words are zero as well
  { kind: 'bmp', is: (bytes) => begins(0x42, 0x4d)(bytes) && bytes.length > 26 && bytes.subarray(6, 10).every((byte) => byte === 0) },
  { kind: 'webp', is: (bytes) => begins(0x52, 0x49, 0x46, 0x46)(bytes) && begins(0x57, 0x45, 0x42, 0x50)(bytes.subarray(8)) },
]
