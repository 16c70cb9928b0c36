// Judges files, as a program of yours would: node verify.mjs RECORD… ; prints one line for each session and exits with 1 unless all is valid.
import { readFile } from 'node:fs/promises'
import { verify } from 'chargeproof/transparency'

const inputs = process.argv.slice(2).map((name) => ({ name, bytes: () => readFile(name) }))
const { verdict, sessions } = await verify(inputs)
for (const { id, verdict, energyWh, keyTrust } of sessions) console.log(`${id} ${verdict} ${energyWh ?? '-'} Wh, key ${keyTrust}`)
process.exitCode = verdict === 'valid' ? 0 : 1
