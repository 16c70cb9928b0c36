// Which build this page is: one hash over the list of its files, and whether the files that the browser got are those of the list.
import { hex } from '../../../src/base/bytes.ts'

/** Written in by apps/web/vite.config.ts. */
declare const __SOFTWARE__: { readonly version: string; readonly sources: string }
/** The package's version, and the hash of the sources that judge: the same as on the command line (src/adapters/software.ts). */
export const SOFTWARE = __SOFTWARE__

const LIST = './files.sha256'

interface Listed {
  readonly hash: string
  readonly name: string
}

/** SHA-256 of `files.sha256`, hex; undefined where the browser computes none (pages over plain http) or the list cannot be had. */
export const buildHash = (): Promise<string | undefined> => {
  known ??= fetchBytes(LIST).then(sha256, () => undefined)
  return known
}

let known: Promise<string | undefined> | undefined

export interface BuildCheck {
  readonly count: number
  /** Names of files that are not what the list says, or are not there. */
  readonly wrong: readonly string[]
}

/** Takes every listed file once more from where the page came from, or from what the browser kept of it. */
export const checkBuild = async (): Promise<BuildCheck> => {
  const lines = new TextDecoder()
    .decode(await fetchBytes(LIST))
    .trimEnd()
    .split('\n')
  const files = lines.map((line): Listed => ({ hash: line.slice(0, 64), name: line.slice(66) }))
  const wrong = await Promise.all(
    files.map(async ({ name, hash }) => {
      const found = await fetchBytes(`./${name}`).then(sha256, () => undefined)
      return found === hash ? [] : [name]
    }),
  )
  return { count: files.length, wrong: wrong.flat() }
}

const fetchBytes = async (address: string): Promise<Uint8Array<ArrayBuffer>> => {
  const answer = await fetch(address, { cache: 'no-cache' })
  if (!answer.ok) throw new Error(`${address}: status ${answer.status}`)
  return new Uint8Array(await answer.arrayBuffer())
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> =>
  isSecureContext ? hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))) : undefined
