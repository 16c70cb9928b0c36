// The golden vectors of the verifier: one folder per case with the question (and a trust store, where there is one) and the whole
// Verdict. Keys and signatures are deterministic, so the same script makes the same bytes everywhere.
import { nodeEngine } from '../src/adapters/node-crypto.ts'
import { nodeOpeners } from '../src/adapters/node-openers.ts'
import { utf8 } from '../src/base/bytes.ts'
import type { Engine } from '../src/crypto/engine.ts'
import { type Input, type Verdict, verify } from '../src/transparency/index.ts'
import { bytesOf, type Files, type VectorCase } from './transparency-vectors/case.ts'
import { vectorCases } from './transparency-vectors/registry.ts'

export const FOLDER = 'vectors/transparency'

/** The content of every file, by its path below the folder. */
export const transparencyVectors = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
  const files = new Map<string, Uint8Array>()
  const engine = nodeEngine()
  for (const vector of vectorCases()) {
    for (const [name, content] of Object.entries(vector.question)) files.set(`${vector.name}/question/${name}`, bytesOf(content))
    for (const [name, content] of Object.entries(vector.trust ?? {})) files.set(`${vector.name}/trust/${name}`, bytesOf(content))
    files.set(`${vector.name}/expected.json`, utf8(`${jsonText(await verdictOf(vector, engine))}\n`))
  }
  return files
}

export const verdictOf = ({ question, trust = {} }: VectorCase, engine: Engine): Promise<Verdict> =>
  verify(inputsOf(question), { engine, openers: nodeOpeners, trust: inputsOf(trust) })

const inputsOf = (files: Files): Input[] => Object.entries(files).map(([name, content]) => ({ name, bytes: bytesOf(content) }))

const WIDTH = 180

/** Indented JSON in which a value that fits a line has one, so that a change of a verdict is a change of few lines. */
const jsonText = (value: unknown, indent = ''): string => {
  const line = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || indent.length + line.length <= WIDTH) return line
  const inner = `${indent}  `
  const parts = Array.isArray(value)
    ? value.map((item) => jsonText(item, inner))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${jsonText(item, inner)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`
}
