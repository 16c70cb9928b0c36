// ZIP archives, unpacked in small steps so that no bomb gets far: the sizes an archive states are not believed.
import { Unzip, type UnzipFile, UnzipInflate, unzipSync } from 'fflate'
import { concat, hasAt } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { Container, Part } from '../container.ts'
import type { Budget } from '../limits.ts'
import { Account, STEP } from './account.ts'

export const zip: Container = {
  name: 'zip',
  recognise: ({ bytes }) => SIGNATURES.some((signature) => hasAt(bytes, signature)),
  open: ({ bytes }, budget) => unpack(bytes, budget),
}

/** Of a local file header, and of an archive without members. */
const SIGNATURES = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x50, 0x4b, 0x05, 0x06],
] as const

const unpack = (bytes: Uint8Array, budget: Budget): Part[] => {
  const listed = listedNames(bytes)
  const parts: Part[] = []
  const behind = bytesBehind(bytes)
  const account = new Account(bytes, budget)
  const unzip = new Unzip((file) => {
    if (file.name.endsWith('/')) return
    account.entry()
    receive(file, account, (part) => void parts.push(part))
  })
  unzip.register(UnzipInflate)
  try {
    for (let at = 0; at < bytes.length; at += STEP) {
      budget.checkTime()
      unzip.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length)
    }
  } catch (thrown) {
    return [...parts, { kind: 'missing', name: undefined, fault: asFault(thrown, 'record-malformed') }]
  }
  if (listed.length !== parts.length)
    return [...parts, disagreement(`directory lists ${listed.length} members, its body holds ${parts.length}`)]
  return behind <= 0 ? parts : [...parts, disagreement(`end is not the end of the file: ${behind} bytes behind it were not read`)]
}

/** APPNOTE 4.3.16: the end of the directory says how long the comment is that ends the file. It was found before. */
const bytesBehind = (bytes: Uint8Array): number => {
  let end = bytes.length - END_BYTES
  while (end > 0 && !hasAt(bytes, SIGNATURES[1], end)) end--
  return bytes.length - end - END_BYTES - ((bytes[end + 20] ?? 0) | ((bytes[end + 21] ?? 0) << 8))
}

const END_BYTES = 22

/** The members the archive's directory names. @throws Fault `record-malformed` when there is no directory */
const listedNames = (bytes: Uint8Array): string[] => {
  const names: string[] = []
  try {
    unzipSync(bytes, {
      filter: ({ name }) => {
        if (!name.endsWith('/')) names.push(name)
        return false
      },
    })
  } catch (cause) {
    throw new Fault('record-malformed', 'expected a ZIP archive, found no directory at its end', {}, cause)
  }
  return names
}

const receive = (file: UnzipFile, account: Account, done: (part: Part) => void): void => {
  const chunks: Uint8Array[] = []
  let size = 0
  let over = false
  const finish = (part: Part): void => {
    if (!over) done(part)
    over = true
  }
  file.ondata = (error, chunk, final) => {
    // fflate hands back what was thrown below: a limit ends it all, a damaged member only itself
    if (error instanceof Fault) throw error
    if (error)
      return finish({
        kind: 'missing',
        name: file.name,
        fault: new Fault('record-malformed', `cannot be unpacked: ${error.message}`, {}, error),
      })
    size += chunk.length
    account.bytes(chunk.length, size)
    chunks.push(chunk)
    if (final) finish({ kind: 'member', name: file.name, bytes: concat(...chunks) })
  }
  file.start()
}

const disagreement = (what: string): Part => ({
  kind: 'missing',
  name: undefined,
  fault: new Fault('record-malformed', `the archive's ${what}`),
})
