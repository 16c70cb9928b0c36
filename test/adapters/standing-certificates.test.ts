// Connections that were let in by a certificate end within a minute of its revocation; all others stand, whatever becomes of the list.
import { expect, it } from 'vitest'
import { type Standing, StandingCertificates } from '../../src/adapters/standing-certificates.ts'
import { memoryLinks } from '../support/memory-link.ts'
import { virtualClock } from '../support/virtual-clock.ts'

const setUp = () => {
  const clock = virtualClock()
  const list = new Set<string>()
  const looks: string[][] = []
  const cut: Standing[] = []
  const certificates = new StandingCertificates({
    clock,
    takenBack: async (serials) => {
      looks.push([...serials])
      return list
    },
    cut: (standing) => cut.push(standing),
  })
  const connect = (id: string, serial: string) => {
    const [link, far] = memoryLinks()
    const closed: number[] = []
    far.open({ text: () => undefined, binary: () => undefined, closed: (code) => closed.push(code) })
    const gone = certificates.watch(link, { id, serial, remoteAddress: '192.0.2.1' })
    return { closed, gone }
  }
  return { clock, list, looks, cut, connect }
}

it('cuts every connection with a certificate that was taken back, and no other, within a minute', async () => {
  const { clock, list, cut, connect } = setUp()
  const [first, second, other] = [connect('cs-1', 'a1'), connect('cs-2', 'a1'), connect('cs-3', 'b2')]
  await clock.advance(59_000)
  expect(cut).toEqual([])
  list.add('a1')
  await clock.advance(60_000)
  expect(cut.map(({ id }) => id)).toEqual(['cs-1', 'cs-2'])
  expect([first.closed, second.closed, other.closed]).toEqual([[1008], [1008], []])
  await clock.advance(120_000)
  expect(cut).toHaveLength(2)
})

it('looks at nothing while nobody is connected', async () => {
  const { clock, looks, connect } = setUp()
  const { gone } = connect('cs-1', 'a1')
  await clock.advance(20_000)
  gone()
  await clock.advance(600_000)
  expect(looks).toEqual([['a1']])
})
