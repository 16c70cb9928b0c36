// A link between two owners: nothing is lost on the way from one to the other, and nobody can fill it.
import { expect, it } from 'vitest'
import { HeldLink } from '../../src/overlay/held-link.ts'
import { memoryLinks, settle } from './support.ts'

const setUp = () => {
  const [near, far] = memoryLinks()
  const [first, second]: [string[], string[]] = [[], []]
  const eventsOf = (told: string[]) => ({
    text: (frame: string) => void told.push(frame.slice(0, 20)),
    binary: (frame: Uint8Array) => void told.push(`${frame.length} bytes`),
    closed: (code: number) => void told.push(String(code)),
  })
  far.open({ text: () => undefined, binary: () => undefined, closed: () => undefined })
  const link = new HeldLink(near, eventsOf(first))
  return { far, link, first, second, open: () => link.open(eventsOf(second)) }
}

it('gives the first owner what comes before it lets go, and the second everything after', async () => {
  const { far, link, first, second, open } = setUp()
  far.send('one')
  await settle()
  link.hold()
  far.send('two')
  far.send(new Uint8Array(3))
  await settle()
  open()
  far.send('three')
  await settle()
  far.close(1001, 'done')
  await settle()
  expect([first, second]).toEqual([['one'], ['two', '3 bytes', 'three', '1001']])
  expect(open).toThrow('was opened before')
})

it('is closed with 1008 when more than 4 MiB wait for the second owner, and not before', async () => {
  const { far, link, second, open } = setUp()
  link.hold()
  for (let i = 0; i < 4; i++) far.send('x'.repeat(1024 * 1024))
  await settle()
  open()
  await settle()
  expect(second).toHaveLength(4)
  const flooded = setUp()
  flooded.link.hold()
  for (let i = 0; i < 6; i++) flooded.far.send('x'.repeat(1024 * 1024))
  await settle()
  flooded.open()
  await settle()
  expect(flooded.second.at(-1)).toBe('1008')
  expect(flooded.second.length).toBeLessThanOrEqual(5)
})
