import { expect, it } from 'vitest'
import { atATime } from '../../src/adapters/at-a-time.ts'

it('runs so many at a time, the others in their order, and goes on past one that fails', async () => {
  const limited = atATime(2)
  const begun: number[] = []
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>())
  const works = ends.map(({ promise }, n) =>
    limited(() => {
      begun.push(n)
      return promise
    }),
  )
  const failed = expect(works[1]).rejects.toThrow('one')
  expect(begun).toEqual([0, 1])
  ends[1]?.reject(new Error('one'))
  await failed
  expect(begun).toEqual([0, 1, 2])
  for (const [n, end] of ends.entries()) end.resolve(n)
  expect(await Promise.all(works.filter((_, n) => n !== 1))).toEqual([0, 2, 3, 4])
  expect(begun).toEqual([0, 1, 2, 3, 4])
  expect(await limited(async () => 'later')).toBe('later')
})

it('refuses who waited as long as he may, and gives his turn to nobody', async () => {
  const limited = atATime(1, 20)
  const { promise, resolve } = Promise.withResolvers<string>()
  const first = limited(() => promise)
  await expect(limited(async () => 'too late')).rejects.toMatchObject({ code: 'queue-full' })
  const next = limited(async () => 'in time')
  resolve('done')
  expect([await first, await next, await limited(async () => 'free')]).toEqual(['done', 'in time', 'free'])
})
