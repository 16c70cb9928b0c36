// The files of one question: added by drop, dialog, paste or link, each under a name of its own.
import type { Input } from './question.ts'

/** Names carry meaning (a key file's name says its meter), so a second file of the same name keeps it, under a folder. The same file twice is one. */
export const added = (inputs: readonly Input[], newcomers: readonly Input[]): readonly Input[] => {
  const all = [...inputs]
  for (const input of newcomers) if (!all.some((each) => same(each, input))) all.push({ ...input, name: freeName(all, input.name) })
  return all
}

/** The address of a record that the page may load: a transaction's record on this very server, and nothing else. */
export const recordAddress = (fragment: string): string | undefined => {
  const address = new URLSearchParams(fragment.replace(/^#/, '')).get('record')
  return address !== null && /^\/api\/v1\/transactions\/[^/?#\\]+\/record$/.test(address) && !/\/\.\.?\//.test(address)
    ? address
    : undefined
}

/** Whether the page was started with files (`chargeproof open`), which this very server then has under `OPENED`. */
export const hasOpened = (fragment: string): boolean => new URLSearchParams(fragment.replace(/^#/, '')).has('opened')
export const OPENED = '/opened/'

/** A file name for a record that was loaded from that address. */
export const recordName = (address: string): string =>
  `${decodeURIComponent(address.split('/').at(-2) ?? 'record').replaceAll('/', '_')}.record`

const freeName = (inputs: readonly Input[], name: string): string => {
  const taken = (candidate: string): boolean => inputs.some((each) => each.name === candidate)
  let n = 1
  while (taken(n === 1 ? name : `${n}/${name}`)) n++
  return n === 1 ? name : `${n}/${name}`
}

const same = (a: Input, b: Input): boolean =>
  (a.name === b.name || a.name.endsWith(`/${b.name}`)) &&
  a.bytes.length === b.bytes.length &&
  a.bytes.every((byte, i) => byte === b.bytes[i])
