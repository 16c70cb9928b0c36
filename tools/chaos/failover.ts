// A controller with two gateways, of which the one in use dies or freezes again and again at random moments, each time in the
// middle of sessions. Back end and controller run here, so that silence is measured where it counts; the gateways are processes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeConfig } from '../../src/adapters/config.ts'
import { logger } from '../../src/adapters/log.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { type Chance, chance } from '../chance.ts'
import { readApi, withStore } from './books.ts'
import { checkHistory, type Finding, isAcknowledged, type Said } from './history.ts'
import { ChaosNode, common, freePorts, TOKEN } from './nodes.ts'
import { ChaosStation } from './station.ts'

export interface FailoverOptions {
  readonly failovers: number
  readonly seed: number
  /** An empty folder: configurations, stores, logs and the history. */
  readonly dir: string
  readonly told?: (line: string) => void
}

export type Blow = 'killed' | 'frozen'

export interface FailoverReport {
  /** Each failover's longest silence of one station at the back end, in milliseconds. */
  readonly gaps: readonly { readonly blow: Blow; readonly ms: number }[]
  readonly sessions: number
  readonly events: number
  readonly acknowledged: number
  readonly findings: readonly Finding[]
}

/** A dead process ends its connections; one that is frozen says nothing, and has to be noticed by its silence. */
const FROZEN = 0.2
const SETTLE_MS = 60_000
/** A station is heard so many times after a blow before its silence is measured: in flight then is nothing that was under way before. */
const HEARD_AFTER = 5

/** Throws where the network does not come to stand again. */
export const runFailovers = async (options: FailoverOptions): Promise<FailoverReport> => {
  const [csms, gateway, gateway2, lc] = (await freePorts(4)) as [number, number, number, number]
  const uplink = (node: string, port: number) => ({ node, url: `ws://127.0.0.1:${port}/overlay`, stableSeconds: 1 })
  const relay = (node: string, port: number): ChaosNode =>
    new ChaosNode(options.dir, { ...common(node, port), uplinks: [uplink('csms', csms)] }, port)
  const run = new FailoverRun(options, [relay('gateway', gateway), relay('gateway2', gateway2)])
  try {
    const tokens = { DEADBEEF: 'Accepted' } as const
    await run.open(
      { ...common('csms', csms), csms: { heartbeatSeconds: 60, tokens } },
      { ...common('lc', lc), uplinks: [uplink('gateway', gateway), uplink('gateway2', gateway2)] },
    )
    return await run.play(csms, `ws://127.0.0.1:${lc}/ocpp`)
  } finally {
    await run.close()
  }
}

type Running = RunningNode & { readonly network: NetworkNode }

class FailoverRun {
  readonly #options: FailoverOptions
  readonly #gateways: readonly ChaosNode[]
  readonly #chance: Chance
  readonly #history: Said[] = []
  readonly #nodes: Running[] = []
  readonly #stations: ChaosStation[] = []
  /** When the back end heard each station, milliseconds of this process. */
  readonly #heard = new Map<string, number[]>()
  readonly #gaps: { blow: Blow; ms: number }[] = []
  #nextFrame = Promise.withResolvers<void>()

  constructor(options: FailoverOptions, gateways: readonly ChaosNode[]) {
    this.#options = options
    this.#gateways = gateways
    this.#chance = chance(options.seed)
  }

  async open(csms: NodeConfig, controller: NodeConfig): Promise<void> {
    for (const config of [csms, controller]) {
      const world = { dataDir: join(this.#options.dir, 'data'), token: TOKEN, log: logger('silent') }
      const node = await startNode({ ...config, trust: [] }, world)
      if (node.network === undefined) throw new Error(`${node.id} is no node of the network`)
      this.#nodes.push({ ...node, network: node.network })
    }
    await Promise.all(this.#gateways.map((gateway) => gateway.start()))
    this.#node('csms').network.watch((event) => {
      if (event.type === 'message' && event.data.type === 'call') this.#heard.get(event.data.from)?.push(performance.now())
    })
  }

  async play(port: number, url: string): Promise<FailoverReport> {
    await this.#bothUp()
    const runs = this.#startStations(url)
    for (let done = 1; done <= this.#options.failovers; done++) {
      await this.#failover()
      if (done % 10 === 0) this.#options.told?.(`${done} failovers, ${this.#history.length} events said`)
    }
    for (const station of this.#stations) station.finish()
    const late = setTimeout(() => {
      for (const station of this.#stations) station.giveUp()
    }, SETTLE_MS)
    await Promise.allSettled(runs)
    clearTimeout(late)
    await until(() => this.#node('lc').network.autonomy?.waiting === 0, 'what waited to go up', SETTLE_MS)
    const findings = checkHistory(this.#history, withStore(await readApi(port), this.#node('csms').store))
    return {
      gaps: this.#gaps,
      sessions: new Set(this.#history.map(({ station, session }) => `${station} ${session}`)).size,
      events: this.#history.length,
      acknowledged: this.#history.filter(isAcknowledged).length,
      findings,
    }
  }

  async close(): Promise<void> {
    for (const station of this.#stations) station.giveUp()
    for (const gateway of this.#gateways) {
      gateway.thaw()
      await gateway.stop()
    }
    for (const node of this.#nodes.reverse()) await node.stop()
    writeFileSync(join(this.#options.dir, 'history.json'), JSON.stringify(this.#history, undefined, 1))
  }

  #startStations(url: string): Promise<void>[] {
    for (const version of ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'] as const) {
      const id = `f-${version.slice(4)}`
      const own = chance(this.#options.seed * 31 + this.#stations.length + 1)
      this.#heard.set(id, [])
      const sent = (): void => this.#nextFrame.resolve()
      this.#stations.push(new ChaosStation({ id, version, url, chance: own, history: this.#history, sent }))
    }
    return this.#stations.map((station) => station.run())
  }

  /** One blow at a random moment, often within milliseconds of a frame, and what it cost; then everything is made whole. */
  async #failover(): Promise<void> {
    await pause(this.#chance.between(200, 700))
    if (this.#chance.next() < 0.6) {
      this.#nextFrame = Promise.withResolvers<void>()
      await Promise.race([this.#nextFrame.promise, pause(1_000)])
      await pause(this.#chance.between(0, 12))
    }
    const victim = this.#gateways.find(({ name }) => name === this.#inUse())
    if (victim === undefined) throw new Error('the controller uses no gateway')
    const blow: Blow = this.#chance.next() < FROZEN ? 'frozen' : 'killed'
    const at = performance.now()
    await (blow === 'frozen' ? victim.freeze() : victim.kill())
    const after = (times: readonly number[]): number => times.filter((time) => time > at).length
    await until(() => [...this.#heard.values()].every((times) => after(times) >= HEARD_AFTER), `sessions after ${victim.name} was ${blow}`)
    this.#gaps.push({ blow, ms: Math.max(...[...this.#heard.values()].map((times) => longestGap(times, at))) })
    await (blow === 'frozen' ? victim.thaw() : victim.start())
    await this.#bothUp()
  }

  #node(id: string): Running {
    const node = this.#nodes.find((each) => each.id === id)
    if (node === undefined) throw new Error(`${id} does not run`)
    return node
  }

  #inUse(): string | undefined {
    return this.#node('lc').network.overlay.routes.next('csms', undefined, 'any')?.id
  }

  #bothUp(): Promise<void> {
    return until(() => this.#node('lc').network.overlay.routes.uplinks.length === 2, 'both gateways to be reached')
  }
}

/** The longest silence that ended after a moment. */
const longestGap = (times: readonly number[], moment: number): number =>
  times.reduce((longest, time, n) => (time > moment && n > 0 ? Math.max(longest, time - (times[n - 1] ?? time)) : longest), 0)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const until = async (holds: () => boolean, what: string, ms = 40_000): Promise<void> => {
  for (const deadline = performance.now() + ms; !holds(); await pause(20))
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`)
}
