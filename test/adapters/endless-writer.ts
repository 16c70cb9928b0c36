// A program for sqlite-store.test.ts: writes numbered documents into the store in argv[2] until it is killed, and says each
// number on stdout only after its commit was acknowledged.
import { openStore } from '../../src/adapters/sqlite-store.ts'

const store = openStore(process.argv[2] ?? '')
for (let n = 0; ; n++) {
  await store.commit([
    { collection: 'documents', key: String(n).padStart(8, '0'), value: { n } },
    { collection: 'pairs', key: String(n).padStart(8, '0'), value: { n } },
  ])
  process.stdout.write(`${n}\n`)
}
