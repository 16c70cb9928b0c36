// Orders about files that come many at once: no more are obeyed than there is room for, and each in its turn again.
import { expect, it } from 'vitest'
import type { Json } from '../../../src/base/ports.ts'
import { CALL, type Envelope, payloadOf } from '../../../src/ocpp/frame.ts'
import { FileDesk } from '../../../src/overlay/files/file-desk.ts'
import { SEND_FILE } from '../../../src/overlay/files/file-orders.ts'
import { virtualClock } from '../../support/virtual-clock.ts'
import { memoryContents, row } from './support.ts'

/** A desk to which nothing ever comes; `checked` says when a place in the space is looked for. */
const deskOf = (checked: () => Promise<void>) => {
  const told: Json[] = []
  const exchange = row('csms', 'lc').at('lc')
  const desk = new FileDesk({
    ...{ self: 'lc', exchange, contents: memoryContents(), clock: virtualClock(), journal: { write: async () => undefined } as never },
    guard: { admit: async () => undefined, plain: (envelope: Envelope) => envelope } as never,
    space: { open: async () => undefined, check: checked } as never,
    tell: (_node, _action, value) => void told.push(value),
  })
  const send = (n: number): Promise<Json> => {
    const value = { name: `f${n}`, content: n.toString(16).padStart(64, '0'), size: 1 }
    const message = { type: CALL, id: `${n}`, action: SEND_FILE, payload: payloadOf(value) } as const
    return desk.answering(SEND_FILE)?.({ destination: ['lc'], path: ['csms'], header: {}, message }) as Promise<Json>
  }
  return { send, told, coming: () => desk.coming }
}

it('takes sixteen files at once, however many orders come before the first is looked at', async () => {
  const { send, told, coming } = deskOf(() => new Promise((go) => setImmediate(go)))
  const answers = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => send(n)))
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(16)
  for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'queue-full' })
  expect(coming()).toHaveLength(16)
  expect(coming()[0]).toEqual({ direction: 'in', node: 'csms', name: 'f0', done: 0, total: 1 })
  // nobody has them: each that was taken is told of, and makes room
  await expect.poll(() => told.length).toBe(16)
  expect(coming()).toEqual([])
  expect(await send(101)).toEqual({ status: 'Accepted' })
})

it('keeps no place for what does not fit', async () => {
  const { send } = deskOf(() => Promise.reject(new Error('full')))
  for (let n = 0; n < 20; n++) await expect(send(n)).rejects.toThrow('full')
})
