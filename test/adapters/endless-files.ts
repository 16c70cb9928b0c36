// A program for files-kill.test.ts: puts files into a space and chunks into a store of content, below argv[2], until it is killed, and says
// what is there once it was told so. A file of the name n holds n and n alone, so that half of one is seen.
import { join } from 'node:path'
import { DiskContentStore } from '../../src/adapters/content-store.ts'
import { DiskFileSpace } from '../../src/adapters/file-space.ts'
import { nodeRandom } from '../../src/adapters/node-crypto.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { chunkCount } from '../../src/overlay/files/content.ts'
import { bytesOf, engine, sourceOf } from '../overlay/files/support.ts'

const home = process.argv[2] ?? ''
const space = await DiskFileSpace.open({
  ...{ folder: join(home, 'files'), engine, random: nodeRandom, store: memoryStore() },
  ...{ quota: 1e9, originQuota: 1e9, files: 1e4 },
})
const store = await DiskContentStore.open({ folder: join(home, 'content'), engine, quota: 1e9 })
const fetched = sourceOf(bytesOf(2_000_000), 4_096)
const held = await store.begin(fetched.content, 'lc')
for (let n = 0; ; n++) {
  const index = n % chunkCount(fetched.content)
  await held.put(index, (await fetched.read(index)) as Uint8Array)
  process.stdout.write(`chunk ${index}\n`)
  // four names, each taken again and again
  const name = `folder/${n % 4}`
  await space.put(name, sourceOf(new Uint8Array(50_000 + n).fill(n % 251)), { origin: 'csms' })
  process.stdout.write(`file ${name} ${n}\n`)
  if (n % 7 === 6) {
    await space.delete(name)
    process.stdout.write(`gone ${name} ${n}\n`)
  }
}
