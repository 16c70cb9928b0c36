// /metrics of real nodes: every figure is documented, true, and of few labels.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LagMeter } from '../../src/adapters/event-loop.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { fakePeer } from '../overlay/support.ts'
import { csmsConfig, openSite, relayConfig, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

type Node = RunningNode & { readonly network: NonNullable<RunningNode['network']> }

let site: Site
let csms: Node
let lc: Node
let isDiskFull = false
beforeAll(async () => {
  site = await openSite(2)
  csms = await site.start(csmsConfig(site.port))
  const beforeCommit = () => {
    if (isDiskFull) throw new Error('no room')
  }
  lc = await site.start(relayConfig('lc', { listen: site.port + 1, up: site.port, upNode: 'csms' }), [], { beforeCommit })
  await until(() => csms.network.overlay.routes.direct('lc'), 'lc is linked')
})
afterAll(() => site.close())

const scrape = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
const figure = (text: string, series: string): number => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1))
}

describe('/metrics', () => {
  it('and docs/operations.md name the same figures', async () => {
    const produced = new Set([...(await scrape(site.port + 1)).matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]))
    const page = readFileSync('docs/operations.md', 'utf8')
    const documented = [...page.matchAll(/^\| `(chargeproof_\w+)/gm)].map((match) => match[1])
    expect(documented.toSorted()).toEqual([...produced].toSorted())
    const mentioned = [...page.matchAll(/chargeproof_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))
    expect(mentioned.filter((name) => !produced.has(name))).toEqual([])
  })

  it('follow what happens', async () => {
    lc.network.refusedAtDoor({ id: 'cs', status: 401, reason: 'wrong password', remoteAddress: '10.0.0.9' })
    await lc.network.journal.write({ kind: 'order-refused', subject: 'x', text: 'Reset', rule: 'deny-by-default' })
    isDiskFull = true
    await expect(lc.network.journal.write({ kind: 'queue', subject: 'x', text: 'y' })).rejects.toThrow('no room')
    isDiskFull = false
    const text = await scrape(site.port + 1)
    expect(figure(text, 'chargeproof_journal_entries_total{kind="security"}')).toBe(1)
    expect(figure(text, 'chargeproof_refusals_total{rule="deny-by-default"}')).toBe(1)
    expect(figure(text, 'chargeproof_link_up{peer="csms",kind="uplink"}')).toBe(1)
    expect(figure(text, 'chargeproof_kept_stations{at_least="1"}')).toBe(0)
    expect(figure(text, 'chargeproof_store_commit_seconds_count')).toBeGreaterThan(1)
    expect(figure(text, 'chargeproof_store_failures_total')).toBe(1)
    expect(figure(text, 'chargeproof_store_bytes')).toBeGreaterThan(4096)
    expect(figure(text, 'chargeproof_disk_free_bytes')).toBeGreaterThan(0)
    // this scrape at least, and at the back end the link from below too
    expect(figure(text, 'chargeproof_open_sockets')).toBeGreaterThan(0)
    expect(figure(await scrape(site.port), 'chargeproof_open_sockets')).toBeGreaterThan(1)
    expect(Math.abs(figure(text, 'chargeproof_clock_seconds') - Date.now() / 1000)).toBeLessThan(5)
  })

  it('has few series, however many are there', async () => {
    for (let i = 0; i < 1000; i++) csms.network.overlay.attach(fakePeer(`cs-${i}`, { kind: 'station' }), { role: 'station' })
    for (let i = 0; i < 1000; i++) csms.network.overlay.attach(fakePeer(`n-${i}`), { role: 'gateway' })
    const text = await scrape(site.port)
    expect(figure(text, 'chargeproof_link_up{peer="*",kind="station"}')).toBe(1000)
    expect(figure(text, 'chargeproof_link_up{peer="*",kind="overlay"}')).toBe(801)
    expect(text.split('\n').length).toBeLessThan(1000)
  })
})

describe('the lag of the event loop', () => {
  it('is seen, and forgotten with its window', async () => {
    const meter = new LagMeter(400)
    await new Promise((resolve) => setTimeout(resolve, 60))
    for (const end = performance.now() + 150; performance.now() < end; );
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(meter.lag.most).toBeGreaterThan(0.08)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(meter.lag.median).toBeLessThan(0.08)
  })
})
