import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Inbox } from '../../src/adapters/inbox.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

let time = 0
beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => time))
afterEach(() => vi.restoreAllMocks())

/** An inbox whose owner takes so many milliseconds for each frame. */
const setUp = (msEach = 0) => {
  const got: number[] = []
  const flow: string[] = []
  const inbox = new Inbox<number>({
    deliver: (frame) => {
      time += msEach
      got.push(frame)
    },
    pause: () => flow.push('pause'),
    resume: () => flow.push('resume'),
  })
  const bring = (from: number, to: number): void => {
    for (let i = from; i < to; i++) inbox.take(i)
  }
  return { inbox, got, flow, bring }
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('an inbox', () => {
  it('gives what few bring at once', () => {
    const { got, flow, bring } = setUp()
    bring(0, 64)
    expect(got).toEqual(upTo(64))
    expect(flow).toEqual([])
  })

  it('gives what is more turn by turn, in its order, and has the socket wait meanwhile', async () => {
    const { got, flow, bring } = setUp()
    bring(0, 150)
    expect([got.length, flow]).toEqual([64, ['pause']])
    // what was read already when the socket was told to wait
    bring(150, 200)
    expect(got).toHaveLength(64)
    for (let turns = 0; flow.length < 2 && turns < 10; turns++) await turn()
    expect(got).toEqual(upTo(200))
    expect(flow).toEqual(['pause', 'resume'])
    await turn()
    bring(200, 201)
    expect(got).toEqual(upTo(201))
  })

  it('gives fewer of what takes long', () => {
    const { got, bring } = setUp(0.6)
    bring(0, 10)
    expect(got.length).toBeLessThanOrEqual(2)
    expect(got.length).toBeGreaterThan(0)
  })

  it('leaves to each link a share of its own', async () => {
    const [loud, quiet] = [setUp(), setUp()]
    loud.bring(0, 500)
    quiet.bring(0, 5)
    expect([loud.got.length, quiet.got.length]).toEqual([64, 5])
    await turn()
    quiet.bring(5, 6)
    expect(quiet.got).toEqual(upTo(6))
    expect(loud.got.length).toBeLessThan(500)
  })

  it('hands over everything where the link ends, and nothing twice', async () => {
    const { inbox, got, bring } = setUp()
    bring(0, 100)
    inbox.finish()
    expect(got).toEqual(upTo(100))
    await turn()
    expect(got).toHaveLength(100)
  })

  it('stops there where its owner has enough halfway', () => {
    const got: number[] = []
    const inbox: Inbox<number> = new Inbox({
      deliver: (frame) => {
        got.push(frame)
        if (frame === 70) inbox.clear()
      },
      pause: () => undefined,
      resume: () => undefined,
    })
    for (let i = 0; i < 100; i++) inbox.take(i)
    inbox.finish()
    expect(got.at(-1)).toBe(70)
  })

  it('forgets what is wanted no more', async () => {
    const { inbox, got, bring } = setUp()
    bring(0, 100)
    inbox.clear()
    await turn()
    await turn()
    expect(got).toHaveLength(64)
  })
})
