// A process of its own that judges every stored question, with Node's engine in each of the time zones it is told and then with the portable one.
// Prints a line of JSON for each time it went through them: the time zone it was in, and a line for each question: name, tab, verdict.
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { nodeOpeners } from '../../src/adapters/node-openers.ts'
import type { Engine } from '../../src/crypto/engine.ts'
import { portableEngine } from '../../src/crypto/portable.ts'
import { verify } from '../../src/transparency/index.ts'
import { remembering } from './remembering-engine.ts'
import { fixtureQuestions, storedVectors } from './vectors.ts'

const questions = [...storedVectors(), ...fixtureQuestions()]

const judgeAll = async (engine: Engine): Promise<void> => {
  const lines: string[] = []
  for (const { name, question } of questions)
    lines.push(`${name}\t${JSON.stringify(await verify(question, { engine, openers: nodeOpeners }))}`)
  process.stdout.write(`${JSON.stringify({ zone: Intl.DateTimeFormat().resolvedOptions().timeZone, lines })}\n`)
}

const node = remembering(nodeEngine())
for (const zone of process.argv.slice(2)) {
  // Node tells V8 of the change
  process.env.TZ = zone
  await judgeAll(node)
}
await judgeAll(remembering(portableEngine()))
