// The stand-ins themselves: a test that trusts them must be able to.
import { describe, expect, it } from 'vitest'
import { fixedRandom } from './fixed-random.ts'
import { memoryLinks } from './memory-link.ts'
import { settle, virtualClock } from './virtual-clock.ts'

describe('memory links', () => {
  const listen = (told: string[]) => ({
    text: (frame: string) => told.push(frame),
    binary: (frame: Uint8Array) => told.push(`${frame.length} bytes`),
    closed: (code: number, reason: string) => told.push(`${code} ${reason}`),
  })

  it('deliver in order, later, and what came before they were opened', async () => {
    const [a, b] = memoryLinks()
    const told: string[] = []
    a.send('1')
    a.send(new Uint8Array(3))
    expect(a.waiting).toBe(4)
    b.open(listen(told))
    expect(told).toEqual([])
    a.send('2')
    await settle()
    expect(told).toEqual(['1', '3 bytes', '2'])
    expect(a.waiting).toBe(0)
  })

  it('close at both ends, after what was sent, once, and with nothing after it', async () => {
    const [a, b] = memoryLinks()
    const [atA, atB]: [string[], string[]] = [[], []]
    a.open(listen(atA))
    b.open(listen(atB))
    a.send('1')
    a.close(1000, 'bye')
    a.send('2')
    b.close(1001, 'too')
    await settle()
    b.send('3')
    await settle()
    expect(atB).toEqual(['1', '1000 bye'])
    expect(atA).toEqual(['1000 bye'])
    expect(await a.alive(1)).toBe(false)
  })

  it('lose everything once cut, and tell nobody', async () => {
    const [a, b] = memoryLinks()
    const [atA, atB]: [string[], string[]] = [[], []]
    a.open(listen(atA))
    b.open(listen(atB))
    expect(await b.alive(1)).toBe(true)
    a.cut()
    a.send('1')
    b.send('2')
    expect(await b.alive(1)).toBe(false)
    a.close(1006, '')
    await settle()
    expect([atA, atB]).toEqual([['1006 '], []])
  })
})

describe('the virtual clock', () => {
  it('runs what is due in order, with the time it was due, and lets promises settle between', async () => {
    const clock = virtualClock(1000)
    const ran: string[] = []
    clock.after(20, () => ran.push(`late ${clock.now()}`))
    clock.after(10, () => {
      ran.push(`early ${clock.now()}`)
      void Promise.resolve().then(() => clock.after(5, () => ran.push(`between ${clock.now()}`)))
    })
    clock.after(10, () => ran.push('early too'))
    const cancel = clock.after(10, () => ran.push('never'))
    cancel()
    clock.after(31, () => ran.push('not yet'))
    await clock.advance(30)
    expect(ran).toEqual(['early 1010', 'early too', 'between 1015', 'late 1020'])
    expect([clock.now(), clock.pending]).toEqual([1030, 1])
  })
})

describe('fixed random', () => {
  it('repeats itself, differs by seed, and makes UUIDs of version 4', () => {
    expect(fixedRandom(7).bytes(16)).toEqual(fixedRandom(7).bytes(16))
    expect(fixedRandom(7).bytes(16)).not.toEqual(fixedRandom(8).bytes(16))
    const random = fixedRandom()
    const ids = Array.from({ length: 1000 }, () => random.uuid())
    expect(new Set(ids).size).toBe(1000)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})
