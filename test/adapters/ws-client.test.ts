import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Admission, StationUpgrade } from '../../src/adapters/admission.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import { connectNode, connectStation, reconnecting } from '../../src/adapters/ws-client.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Link } from '../../src/base/ports.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { memoryLinks } from '../support/memory-link.ts'
import { settle, virtualClock } from '../support/virtual-clock.ts'
import { type Endpoint, hear, listen, until } from './endpoint.ts'

let endpoint: Endpoint | undefined
afterEach(async () => {
  await endpoint?.close()
  endpoint = undefined
})
const serve = async (setup: Parameters<typeof listen>[0] = {}): Promise<string> => {
  endpoint = await listen(setup)
  return `ws://127.0.0.1:${endpoint.port}`
}

describe('connecting', () => {
  it('as a station offers versions in its order, and sends id and password', async () => {
    const seen: unknown[] = []
    const admitStation = (upgrade: StationUpgrade): Admission => {
      seen.push(upgrade)
      return { ok: true }
    }
    const url = await serve({ handlers: { admitStation } })
    const { link, version } = await connectStation(`${url}/ocpp/`, { stationId: 'CS|1', versions: ['ocpp1.6', 'ocpp2.1'], password: 'a:ß' })
    expect(version).toBe('ocpp1.6')
    expect(link.id).toMatch(/^CS\|1#\d+$/)
    expect(seen).toMatchObject([
      { stationId: 'CS|1', offered: ['ocpp1.6', 'ocpp2.1'], user: 'CS|1', password: new TextEncoder().encode('a:ß') },
    ])
  })

  it('as a node opens a link that carries frames both ways', async () => {
    const url = await serve()
    const near = await connectNode(`${url}/overlay`, 'lc1')
    await until(() => endpoint?.links.length === 1)
    const far = endpoint?.links[0] as Link
    const [heardNear, heardFar] = [hear(near), hear(far)]
    near.send('up')
    far.send(Uint8Array.of(1))
    await Promise.all([heardNear.count(1), heardFar.count(1)])
    expect([heardNear.frames, heardFar.frames]).toEqual([[Uint8Array.of(1)], ['up']])
    near.close(1000, 'done')
    expect(await heardFar.closed).toEqual([1000, 'done'])
  })

  it('misses no frame that the server sends at once', async () => {
    const url = await serve({
      handlers: {
        nodeConnected: (link) => {
          link.send('first')
          link.send('second')
        },
      },
    })
    const link = await connectNode(`${url}/overlay`, 'lc1')
    await settle()
    await settle()
    const heard = hear(link)
    await heard.count(2)
    expect(heard.frames).toEqual(['first', 'second'])
  })

  it.each([
    [404, 'refused'],
    [401, 'refused'],
    [429, 'unreachable'],
    [503, 'unreachable'],
  ] as const)('says for HTTP %i that it was %s', async (status, code) => {
    const url = await serve({ handlers: { admitStation: () => ({ ok: false, status, reason: 'no' }) } })
    await expect(connectStation(`${url}/ocpp`, { stationId: 'CS1' })).rejects.toMatchObject({ name: 'Fault', code, data: { status } })
  })

  it('says that no version is in common', async () => {
    const url = await serve({ options: { versions: ['ocpp1.6'] } })
    await expect(connectStation(`${url}/ocpp`, { stationId: 'CS1', versions: ['ocpp2.1'] })).rejects.toMatchObject({ code: 'refused' })
  })

  it('says that nobody listens, does not answer in time, or the attempt was given up', async () => {
    const silent = createServer((socket) => void socket.on('end', () => socket.destroy()).resume())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`
    await expect(connectNode(url, 'lc1', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'unreachable' })
    const abort = new AbortController()
    const attempt = connectNode(url, 'lc1', { signal: abort.signal })
    abort.abort()
    await expect(attempt).rejects.toMatchObject({ code: 'unreachable' })
    await expect(connectNode(url, 'lc1', { signal: abort.signal })).rejects.toMatchObject({ code: 'unreachable' })
    await new Promise((resolve) => silent.close(resolve))
    await expect(connectNode(url, 'lc1')).rejects.toMatchObject({ code: 'unreachable', data: { code: 'ECONNREFUSED' } })
  })
})

describe('reconnecting', () => {
  const setUp = (outcomes: ('fail' | 'link')[]) => {
    const clock = virtualClock()
    const begin = clock.now()
    const attempts: number[] = []
    const waits: number[] = []
    const links: [Link, Link][] = []
    const connect = async (): Promise<Link> => {
      attempts.push(clock.now() - begin)
      if (outcomes.shift() !== 'link') throw new Fault('unreachable', 'not there')
      const pair = memoryLinks()
      links.push(pair)
      return pair[0]
    }
    const heard: ReturnType<typeof hear>[] = []
    const options = {
      clock,
      random: fixedRandom(),
      minMs: 1_000,
      maxMs: 8_000,
      onLink: (link: Link) => void heard.push(hear(link)),
      onFailure: (_fault: Fault, wait: number) => void waits.push(wait),
    }
    return { clock, attempts, waits, links, heard, connect, options }
  }

  it('tries at once, then waits twice as long each time up to a bound, also before the first success', async () => {
    const { clock, attempts, connect, options } = setUp([])
    const life = reconnecting(connect, { ...options, randomMs: 0 })
    await clock.advance(40_000)
    expect(attempts).toEqual([0, 1_000, 3_000, 7_000, 15_000, 23_000, 31_000, 39_000])
    life.stop()
    expect(clock.pending).toBe(0)
  })

  it('adds something random to every wait, within its bound', async () => {
    const { clock, waits, connect, options } = setUp([])
    const life = reconnecting(connect, options)
    await clock.advance(600_000)
    life.stop()
    const random = waits.map((wait, i) => wait - Math.min(1_000 * 2 ** i, 8_000))
    expect(random.length).toBeGreaterThan(50)
    expect(random.every((ms) => ms >= 0 && ms < 1_000)).toBe(true)
    expect(new Set(random).size).toBeGreaterThan(40)
  })

  it('begins anew with the shortest wait after a link was there', async () => {
    const { clock, attempts, links, heard, connect, options } = setUp(['fail', 'fail', 'link', 'link'])
    const life = reconnecting(connect, { ...options, randomMs: 0 })
    await clock.advance(3_000)
    links[0]?.[1].open({ text: () => undefined, binary: () => undefined, closed: () => undefined })
    links[0]?.[1].send('hello')
    await settle()
    expect(heard[0]?.frames).toEqual(['hello'])
    await clock.advance(60_000)
    links[0]?.[1].close(1001, 'restart')
    await settle()
    expect(await heard[0]?.closed).toEqual([1001, 'restart'])
    await clock.advance(1_000)
    expect(attempts).toEqual([0, 1_000, 3_000, 64_000])
    expect(links).toHaveLength(2)
    life.stop()
  })

  it('counts a link that was not accepted as a failure: it waits longer, and tells why once the link has ended', async () => {
    const { clock, attempts, links, waits, connect, options } = setUp(['link', 'link', 'link'])
    const told: string[] = []
    const life = reconnecting(connect, {
      ...options,
      randomMs: 0,
      onLink: async (link) => {
        hear(link)
        if (links.length === 3) return
        link.close(1008, 'no proof')
        throw new Fault('refused', 'no proof')
      },
      onFailure: (fault, waitMs) => void told.push(`${fault.code} ${waitMs}`),
      onEnd: () => void told.push('ended'),
    })
    await clock.advance(10_000)
    expect([attempts, told, waits]).toEqual([[0, 1_000, 3_000], ['refused 1000', 'refused 2000'], []])
    links[2]?.[0].close(1001, 'restart')
    await clock.advance(1_000)
    expect(told.slice(2)).toEqual(['ended', 'unreachable 2000'])
    life.stop()
  })

  it('stops for good, and closes the link it has', async () => {
    const { clock, attempts, heard, connect, options } = setUp(['link', 'link'])
    const life = reconnecting(connect, options)
    await settle()
    life.stop()
    expect((await heard[0]?.closed)?.[0]).toBe(1001)
    await clock.advance(600_000)
    expect(attempts).toEqual([0])
  })

  it('closes a link that comes after it was stopped', async () => {
    const { heard, links, connect, options } = setUp(['link'])
    const late = Promise.withResolvers<void>()
    const life = reconnecting(async (signal) => {
      await late.promise
      expect(signal.aborted).toBe(true)
      return connect()
    }, options)
    life.stop()
    late.resolve()
    await settle()
    expect(heard).toEqual([])
    expect((await hear(links[0]?.[1] as Link).closed)[0]).toBe(1001)
  })

  it('finds a real server again after its restart', async () => {
    const first = await listen()
    const links: Link[] = []
    const life = reconnecting((signal) => connectNode(`ws://127.0.0.1:${endpoint?.port ?? first.port}/overlay`, 'lc1', { signal }), {
      clock: systemClock,
      random: fixedRandom(),
      minMs: 5,
      onLink: (link) => {
        links.push(link)
        hear(link)
      },
    })
    await until(() => links.length === 1)
    await first.close()
    endpoint = await listen()
    // the server has its end before the client does
    await until(() => links.length === 2)
    life.stop()
    expect(endpoint.links).toHaveLength(1)
  })
})
