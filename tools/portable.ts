// Proves that nothing in the tree belongs to one machine: no folder of a developer's computer in any text, and no registry
// address in the lockfile, so that `npm ci` works behind any mirror.
import type { Lockfile } from './dependencies-documented.ts'

/** Folders that exist on somebody's machine only. A system path such as /usr/bin is not one. */
const MACHINE_PATH = /\/(?:tmp|work|root|farm)\/[A-Za-z.]|\/(?:home|Users)\/[A-Za-z_]/

/** One sentence for each line of the text that names a machine's folder. A file that is not text (a NUL byte) has none. */
export const machinePaths = (file: string, text: string): string[] =>
  text.includes('\0')
    ? []
    : text.split('\n').flatMap((line, at) => (MACHINE_PATH.test(line) ? [`${file}:${at + 1}: names a folder of one machine`] : []))

export const lockfileAddresses = (lockfile: Lockfile): string[] =>
  Object.entries(lockfile.packages).flatMap(([name, { resolved }]) => (resolved === undefined ? [] : [`${name}: resolved to ${resolved}`]))
