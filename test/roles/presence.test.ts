import { describe, expect, it } from 'vitest'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { Journal } from '../../src/overlay/journal.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { Routes } from '../../src/overlay/routes.ts'
import { Presence } from '../../src/roles/presence.ts'
import { settle, virtualClock } from '../support/virtual-clock.ts'

const peerOf = (id: string, kind: Peer['kind']): Peer => ({
  id,
  kind,
  ...(kind === 'station' && { protocol: 'ocpp2.1' }),
  waiting: 0,
  counters: { sent: 0, received: 0 },
  request: () => Promise.reject(new Error('not asked here')),
  send: () => undefined,
  alive: () => Promise.resolve(true),
  close: () => undefined,
})

describe('who came and who went', () => {
  const setUp = () => {
    const clock = virtualClock()
    const journal = new Journal({ node: 'lc', store: memoryStore(), engine: nodeEngine(), clock })
    const routes = new Routes('lc')
    const failures: unknown[] = []
    const presence = new Presence({ clock, routes, journal, failed: (error) => failures.push(error) })
    return { clock, journal, routes, presence, failures }
  }

  it('is written once for each change', async () => {
    const { journal, routes, presence } = setUp()
    const station = peerOf('cs-1', 'station')
    routes.attach(station, { role: 'station', uplink: false }, 0)
    presence.moved(['cs-1', 'cs-1'])
    presence.moved(['cs-1'])
    routes.detach(station, 1)
    presence.moved(['cs-1', 'never-seen'])
    await settle()
    expect(journal.read(0, 10).map(({ kind, subject, text }) => [kind, subject, text])).toEqual([
      ['station', 'cs-1', 'can be reached, ocpp2.1'],
      ['station', 'cs-1', 'cannot be reached any more'],
    ])
  })

  it('names the hops of what is further away', async () => {
    const { journal, routes, presence } = setUp()
    const gateway = peerOf('gateway', 'node')
    routes.attach(gateway, { role: 'node', uplink: false }, 0)
    const way = { peer: gateway, path: ['gateway', 'lc2', 'cs-9'], via: 'lc2', proven: true, seq: 1, expires: 9, now: 0 }
    routes.announced('cs-9', way, { role: 'station' })
    presence.moved(['cs-9'])
    await settle()
    expect(journal.read(0, 10).map(({ text }) => text)).toEqual(['can be reached over gateway > lc2'])
  })

  it('follows a crowd at a pace, and leaves out who came and went in between', async () => {
    const { clock, journal, routes, presence } = setUp()
    const crowd = Array.from({ length: 200 }, (_, i) => peerOf(`cs-${i}`, 'station'))
    for (const station of crowd) routes.attach(station, { role: 'station', uplink: false }, 0)
    presence.moved(crowd.map(({ id }) => id))
    await settle()
    expect(journal.read(0, 1_000)).toHaveLength(100)
    for (const station of crowd.slice(-50)) routes.detach(station, 1)
    presence.moved(crowd.slice(-50).map(({ id }) => id))
    await clock.advance(100)
    expect(journal.read(0, 1_000)).toHaveLength(125)
    await clock.advance(10_000)
    expect(journal.read(0, 1_000).map(({ subject }) => subject)).toEqual(crowd.slice(0, 150).map(({ id }) => id))
    expect(clock.pending).toBe(0)
  })

  it('writes nothing any more once it was stopped', async () => {
    const { clock, journal, routes, presence } = setUp()
    const crowd = Array.from({ length: 200 }, (_, i) => peerOf(`cs-${i}`, 'station'))
    for (const station of crowd) routes.attach(station, { role: 'station', uplink: false }, 0)
    presence.moved(crowd.map(({ id }) => id))
    presence.stop()
    await clock.advance(10_000)
    expect([journal.read(0, 1_000).length, clock.pending]).toEqual([100, 0])
  })
})
