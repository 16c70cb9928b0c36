import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import { storeContract } from '../contracts/store.ts'

storeContract('the memory store', () => {
  let broken = false
  const store = memoryStore({
    beforeCommit: () => {
      if (broken) throw new Error('no space left')
    },
  })
  return {
    store,
    break: (state) => {
      broken = state
    },
    dispose: () => undefined,
  }
})

describe('memory store', () => {
  it('settles a commit without a timer', async () => {
    const store = memoryStore()
    let settled = false
    void store.commit([{ collection: 'c', key: 'k', value: 1 }]).then(() => {
      settled = true
    })
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    expect(settled).toBe(true)
  })

  it('keeps stores apart', async () => {
    const [one, other] = [memoryStore(), memoryStore()]
    await one.commit([{ collection: 'c', key: 'k', value: 1 }])
    expect(other.get('c', 'k')).toBeUndefined()
  })
})
