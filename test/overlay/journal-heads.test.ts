// Heads of journals: what is signed, what is refused, and which two cannot both be true, whatever was done to the journal between them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Store } from '../../src/base/ports.ts'
import { HeadBook, headMisfit } from '../../src/overlay/head-book.ts'
import { Journal } from '../../src/overlay/journal.ts'
import { contradiction, HEADS_BEFORE, headJson, readHead, type SignedHead, signHead } from '../../src/overlay/journal-heads.ts'
import { caught, engine, keysOf, virtualClock } from './support.ts'

const keys = keysOf({ lc: 'local-controller', other: 'gateway' })
const world = { trust: keys.trust, engine }

const makeNode = (store: Store = memoryStore(), clock = virtualClock()) => {
  const journal = new Journal({ node: 'lc', store, engine, clock })
  const book = new HeadBook(store)
  const write = (text: string) => journal.write({ kind: 'node', subject: 'x', text })
  const sign = async () => (await book.sign(journal.newest(), clock.now(), keys.identity('lc'))) as SignedHead
  const sealed = async (text: string) => {
    await write(text)
    await clock.advance(60_000)
    return sign()
  }
  return { journal, book, write, sign, sealed, clock, store }
}

describe('a head', () => {
  it('is signed by its node, and read only so', async () => {
    const { sealed } = makeNode()
    const signed = await sealed('a')
    expect(readHead(headJson(signed), world)).toEqual(signed)
    const of = (head: object) => ({ ...headJson(signed), head: { ...signed.head, ...head } }) as never
    const refused = (value: never) => {
      try {
        return void readHead(value, world)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(
      [{ seq: 2 }, { hash: 'f'.repeat(64) }, { at: 1 }, { before: [{ seq: 1, hash: 'f'.repeat(64) }] }].map((each) => refused(of(each))),
    ).toEqual(Array(4).fill('refused'))
    expect(refused(of({ node: 'other' }))).toBe('refused')
    expect(refused(headJson(signHead(signed.head, keys.identity('lc', 'stranger'))) as never)).toBe('refused')
    expect(refused(headJson(signHead(signed.head, keys.identity('other'))) as never)).toBe('refused')
    const shapeless = [
      { seq: 0 },
      { seq: 1.5 },
      { hash: 'x' },
      { node: '' },
      { before: 1 },
      { at: -1 },
      { before: [{ seq: 2, hash: 'a'.repeat(64) }] },
    ]
    expect(shapeless.map((each) => refused(of(each)))).toEqual(Array(shapeless.length).fill('frame-malformed'))
    expect(refused(null as never)).toBe('frame-malformed')
  })

  it('names those before it, up to its limit, over restarts, and is made only where there is news', async () => {
    const node = makeNode()
    expect(await node.sign()).toBeUndefined()
    const heads: SignedHead[] = []
    for (let i = 0; i < HEADS_BEFORE + 3; i++) heads.push(await makeNode(node.store, node.clock).sealed(String(i)))
    expect(heads.at(-1)?.head.before.map(({ seq }) => seq)).toEqual(Array.from({ length: HEADS_BEFORE }, (_, i) => i + 3))
    expect(await node.sign()).toEqual(heads.at(-1))
  })
})

describe('two heads of one journal', () => {
  it('never contradict each other while it only grows', async () => {
    const { sealed } = makeNode()
    const heads: SignedHead[] = []
    for (let i = 0; i < 40; i++) heads.push(await sealed(String(i)))
    for (const one of heads) for (const other of heads) expect(contradiction(one.head, other.head)).toBeUndefined()
  })

  it('do where its store was set back and went on, however far', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 }), async (kept, more) => {
        const { sealed, clock } = makeNode()
        const heads: SignedHead[] = []
        for (let i = 0; i < 6; i++) heads.push(await sealed(`${i}`))
        const anew = makeNode(memoryStore(), virtualClock())
        for (let i = 0; i < kept; i++) await anew.sealed(`${i}`)
        await anew.clock.advance(clock.now() - anew.clock.now())
        for (let i = 0; i < more; i++) {
          const { head } = await anew.sealed(`anew ${i}`)
          expect(heads.some((each) => contradiction(each.head, head) !== undefined)).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('do where it was written anew, without the heads that were signed before', async () => {
    const { sealed } = makeNode()
    for (let i = 0; i < 3; i++) await sealed(`${i}`)
    const held = await sealed('the last that is held')
    const anew = makeNode()
    for (let i = 0; i < 8; i++) await anew.write(`${i}`)
    await anew.clock.advance(3_600_000)
    expect(contradiction(held.head, (await anew.sealed('x')).head)).toBe('split')
  })

  it('do where numbers rise and times do not', async () => {
    const { head } = await makeNode().sealed('a')
    const next = { ...head, seq: 2, before: [{ seq: head.seq, hash: head.hash }] }
    expect(contradiction({ ...next, at: head.at - 30_001 }, head)).toBe('back-dated')
    expect(contradiction({ ...next, at: head.at - 30_000 }, head)).toBeUndefined()
  })
})

describe('the book of heads', () => {
  it('keeps what is new, tells what contradicts, and keeps both as proof', async () => {
    const { sealed } = makeNode()
    const held = await sealed('a')
    const later = await sealed('b')
    const store = memoryStore()
    const book = new HeadBook(store)
    expect(await book.take(held)).toEqual({ isNew: true })
    expect(await book.take(held)).toEqual({ isNew: false })
    expect(await book.take(later)).toEqual({ isNew: true })
    expect(await new HeadBook(store).take(held)).toEqual({ isNew: false })
    const other = await makeNode().sealed('another')
    expect(await book.take(other)).toEqual({ isNew: true, conflict: { kind: 'split', held, seen: other } })
    expect(new HeadBook(store).of('lc')).toEqual([held, later, other])
  })

  it('is bounded', async () => {
    const book = new HeadBook(memoryStore())
    const { sealed } = makeNode()
    for (let i = 0; i < 20; i++) await book.take(await sealed(`${i}`))
    expect(book.of('lc')).toHaveLength(16)
    const signature = { protected: '', signature: '' }
    const of = (node: string) => ({ head: { node, seq: 1, hash: '', at: 1, before: [] }, signature })
    for (let i = 1; i < 1_000; i++) await book.take(of(`n${i}`))
    expect((await caught(book.take(of('one more')))).code).toBe('limit-exceeded')
  })
})

describe('a journal and its own head', () => {
  it('do not fit where the journal was set back or altered', async () => {
    const { journal, sealed } = makeNode()
    const first = await sealed('a')
    const second = await sealed('b')
    expect([headMisfit(journal, first.head), headMisfit(journal, second.head)]).toEqual([undefined, undefined])
    const old = makeNode()
    await old.write('a')
    expect(headMisfit(old.journal, second.head)).toBe('set-back')
    await old.write('x')
    expect(headMisfit(old.journal, second.head)).toBe('altered')
  })

  it('fit after old entries were sealed, and the chain goes on', async () => {
    const { journal, sealed, write, sign } = makeNode()
    const [first, second] = [await sealed('a'), await sealed('b')]
    await journal.seal(2)
    expect(journal.read(0, 9)).toEqual([])
    expect([journal.newest(), journal.base()]).toEqual([
      { seq: 2, hash: second.head.hash },
      { seq: 2, hash: second.head.hash },
    ])
    await write('c')
    expect(journal.read(0, 9)).toMatchObject([{ seq: 3, previous: second.head.hash }])
    expect([first, second, await sign()].map(({ head }) => headMisfit(journal, head))).toEqual([undefined, undefined, undefined])
    expect((await caught(journal.seal(9))).code).toBe('internal')
  })
})
