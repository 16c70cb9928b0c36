// Questions made in memory, and the verifier asked about them.
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { nodeOpeners } from '../../src/adapters/node-openers.ts'
import { utf8 } from '../../src/base/bytes.ts'
import { type SessionReport, type Verdict, type VerifyOptions, verify } from '../../src/transparency/index.ts'
import { hexKeyOf, pemOf, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'

export const ENGINE = nodeEngine()

type Files = Readonly<Record<string, string | Uint8Array>>

export const inputsOf = (files: Files) =>
  Object.entries(files).map(([name, content]) => ({ name, bytes: typeof content === 'string' ? utf8(content) : content }))

export const ask = (files: Files, options: Partial<VerifyOptions> = {}): Promise<Verdict> =>
  verify(inputsOf(files), { engine: ENGINE, openers: nodeOpeners, ...options })

export const PEM = pemOf(SIGNER)

/** The documents in one file, with the meter's key. */
export const askAbout = (...documents: readonly string[]): Promise<Verdict> =>
  ask({ 'records.ocmf': documents.join('\n'), 'publicKey.pem': PEM })

/** The documents in SAFE XML, each with a key beside it. */
export const receipt = (documents: readonly string[], key: string | undefined = hexKeyOf(SIGNER)): string =>
  safeXml(documents.map((data) => (key === undefined ? { data } : { data, key })))

/** What did not pass, as `code:state`, in the order of the checks. */
export const findings = ({ checks }: SessionReport): string[] =>
  checks.filter(({ state }) => state !== 'pass').map(({ code, state }) => `${code}:${state}`)

export const faults = ({ inputs }: Verdict): string[] =>
  inputs.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name} ${fault.code}`]))
