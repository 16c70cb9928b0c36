// Who sends a file believes the signed answer and no news; asks again after silence; and gives up in the end.
import { describe, expect, it } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import type { Json } from '../../../src/base/ports.ts'
import { payloadOf, SEND } from '../../../src/ocpp/frame.ts'
import { FILE_PROGRESS, LIST_FILES, pageOf, SEND_FILE } from '../../../src/overlay/files/file-orders.ts'
import { RemoteFiles } from '../../../src/overlay/files/remote-files.ts'
import { virtualClock } from '../../support/virtual-clock.ts'
import { memoryContents, row } from './support.ts'

const sending = { name: 'a.bin', content: 'ab'.repeat(32), size: 1_000 }

const sender = (answers: (asked: number, value: Json) => Json) => {
  const clock = virtualClock()
  const asked: { node: string; action: string; value: Json }[] = []
  const files = new RemoteFiles({
    ...{ self: 'csms', clock, exchange: row('csms').at('csms'), contents: memoryContents() },
    ask: async (node, action, value) => {
      asked.push({ node, action, value })
      return answers(asked.length, value)
    },
  })
  const news = (value: object, from = 'lc'): boolean => {
    const message = { type: SEND, id: '1', action: FILE_PROGRESS, payload: payloadOf({ ...sending, total: 1_000, ...value }) } as const
    return files.heard({ destination: ['csms'], path: [from, 'gateway'], header: {}, message })
  }
  return { clock, asked, files, news }
}

describe('a file that is sent', () => {
  it('is there when the answer says so, and not when news do', async () => {
    let isThere = false
    const { files, news, clock, asked } = sender(() => ({ status: isThere ? 'Stored' : 'Accepted' }))
    const told: number[] = []
    let isOver = false
    const sent = files.send('lc', sending, ({ done }) => told.push(done)).then(() => (isOver = true))
    await clock.advance(10)
    news({ done: 400 })
    await clock.advance(10)
    expect(asked).toHaveLength(1)
    expect(files.onTheirWay).toEqual([{ direction: 'out', node: 'lc', name: 'a.bin', done: 400, total: 1_000 }])
    // a lie, or news of a file that is being put away
    news({ done: 1_000 })
    await clock.advance(10)
    expect([asked.length, isOver]).toEqual([2, false])
    isThere = true
    news({ done: 1_000 })
    await sent
    expect(told).toEqual([400, 1_000, 1_000, 1_000])
    expect(files.onTheirWay).toEqual([])
    expect(asked.every(({ node, action }) => node === 'lc' && action === SEND_FILE)).toBe(true)
  })

  it('is asked after where nothing is heard, and given up in the end', async () => {
    const { files, clock, asked } = sender(() => ({ status: 'Accepted' }))
    const sent = files.send('lc', sending)
    sent.catch(() => undefined)
    await clock.advance(35_000)
    expect(asked).toHaveLength(4)
    await clock.advance(120_000)
    await expect(sent).rejects.toMatchObject({ code: 'timeout' })
    expect(clock.pending).toBe(0)
  })

  it('survives a node that is away for a while', async () => {
    const { files, clock } = sender((asked) => {
      if (asked < 4) throw new Fault('unreachable', 'no route leads to lc at the moment')
      return { status: 'Stored' }
    })
    const sent = files.send('lc', sending)
    await clock.advance(60_000)
    await sent
  })

  it('will not come where the other node says so, and nobody else', async () => {
    const { files, news, clock } = sender(() => ({ status: 'Accepted' }))
    const sent = files.send('lc', sending)
    sent.catch(() => undefined)
    await clock.advance(10)
    const fault = { code: 'limit-exceeded', message: 'the disk is full' }
    expect(news({ done: 0, fault }, 'lc2')).toBe(true)
    expect(news({ done: 0, fault, content: 'cd'.repeat(32) })).toBe(true)
    expect(news({ done: -1, fault })).toBe(true)
    await clock.advance(10)
    news({ done: 0, fault })
    await expect(sent).rejects.toMatchObject({ code: 'limit-exceeded', message: 'lc: the disk is full' })
  })

  it('has a name, before anybody is asked', async () => {
    const { files, asked } = sender(() => ({ status: 'Stored' }))
    await expect(files.send('lc', { ...sending, name: '../a' })).rejects.toMatchObject({ code: 'refused' })
    await expect(files.get('lc', '/a')).rejects.toMatchObject({ code: 'refused' })
    await expect(files.delete('lc', '')).rejects.toMatchObject({ code: 'refused' })
    await expect(files.list('lc', 'a/../b')).rejects.toMatchObject({ code: 'refused' })
    expect(asked).toEqual([])
  })
})

describe('a list of files', () => {
  it('comes in pages that fit a frame each', async () => {
    const entries = Array.from({ length: 3_000 }, (_, i) => ({ name: `f${String(i).padStart(6, '0')}`, size: i, modified: 1 }))
    const { files, asked } = sender((_asked, value) => {
      const { after } = value as { readonly after?: string }
      const page = pageOf(entries, after)
      expect(JSON.stringify(page).length).toBeLessThan(200_000)
      return page as object as Json
    })
    expect(await files.list('lc', 'logs')).toEqual(entries)
    expect(asked.length).toBeGreaterThan(1)
    expect(asked[0]).toEqual({ node: 'lc', action: LIST_FILES, value: { name: 'logs/' } })
  })

  it('is none where another node says what is no list', async () => {
    for (const answer of [null, {}, { files: [{ name: '../x', size: 1, modified: 1 }] }, { files: [{ name: 'x', size: -1 }] }] as Json[])
      await expect(sender(() => answer).files.list('lc', '')).rejects.toBeInstanceOf(Fault)
  })
})
