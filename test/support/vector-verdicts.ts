// A process of its own that judges every stored question with the engine it is told, and prints one line for each: name, tab, verdict JSON.
// Started with TZ set, because a process has one time zone.
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { nodeOpeners } from '../../src/adapters/node-openers.ts'
import { portableEngine } from '../../src/crypto/portable.ts'
import { verify } from '../../src/transparency/index.ts'
import { fixtureQuestions, storedVectors } from './vectors.ts'

const engine = process.argv[2] === 'portable' ? portableEngine() : nodeEngine()
const lines: string[] = []
for (const { name, question } of [...storedVectors(), ...fixtureQuestions()])
  lines.push(`${name}\t${JSON.stringify(await verify(question, { engine, openers: nodeOpeners }))}\n`)
process.stdout.write(lines.join(''))
