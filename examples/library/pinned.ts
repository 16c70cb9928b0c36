// A back end that trusts the keys it has on file and nothing that comes with a record: node pinned.ts RECORD METER KEY.
// `trust` takes key files whose name says which meter they speak of; a record under another key is then invalid, whatever it brings along.
import { readFile } from 'node:fs/promises'
import { CODE_SENTENCES, type Input, opensslCommands, sentence, type Verdict, verify } from 'chargeproof/transparency'

const [record = '', meter = '', key = ''] = process.argv.slice(2)
const trust: readonly Input[] = [{ name: `${meter}.pem`, bytes: () => readFile(key) }]

const answer: Verdict = await verify([{ name: record, bytes: () => readFile(record) }], { trust })
for (const session of answer.sessions) {
  console.log(`${session.verdict}, ${session.energyWh ?? '-'} Wh, key ${session.keyTrust}`)
  for (const { state, code } of session.checks) if (state === 'fail') console.log(`  ${sentence(CODE_SENTENCES, code ?? '', 'en')}`)
  const [first] = session.records
  const repeat = first === undefined ? undefined : opensslCommands(first)
  if (repeat !== undefined && 'commands' in repeat) console.log(`  ${repeat.commands.split('\n').at(-1)}`)
}
