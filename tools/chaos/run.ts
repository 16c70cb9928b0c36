// One chaos run: nodes as processes of their own, stations that charge without pause, SIGKILL at random moments, and at the
// end the judge. Choices follow a seed; what processes and the kernel make of them is theirs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { type Chance, chance } from '../chance.ts'
import { readApi, withStore } from './books.ts'
import { checkHistory, type Finding, isAcknowledged, type Said } from './history.ts'
import { type ChaosNode, type ChaosNodes, chaosNodes } from './nodes.ts'
import { ChaosStation } from './station.ts'

export interface ChaosOptions {
  readonly kills: number
  readonly seed: number
  /** No new kill after this many milliseconds. */
  readonly maxMs: number
  /** Stations charge on after the last kill until so many events were said, half a minute at most: few say little on a busy machine. */
  readonly events?: number
  /** An empty folder: configurations, stores, logs and the history. */
  readonly dir: string
  readonly told?: (line: string) => void
}

export interface ChaosReport {
  readonly kills: Readonly<Record<string, number>>
  readonly killSeconds: number
  readonly sessions: number
  readonly events: number
  readonly acknowledged: number
  /** Attempts of which the station never learned what became of them. */
  readonly unknown: number
  /** How long a node takes to be ready, the median in milliseconds. */
  readonly startMs: number
  readonly findings: readonly Finding[]
}

/** Everything has this long to come to rest: stations get their last answers, controllers deliver what they keep. */
const SETTLE_MS = 90_000
/** How often the next kill waits for the whole chain to stand: otherwise it may never. */
const CALM = 0.25
const CALM_MS = 600
/** How often a second node dies with the first. */
const TWO = 0.25

export const runChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  mkdirSync(options.dir, { recursive: true })
  const chaos = new Chaos(options, await chaosNodes(options.dir))
  try {
    return await chaos.run()
  } finally {
    await chaos.end()
  }
}

class Chaos {
  readonly #options: ChaosOptions
  readonly #nodes: ChaosNodes
  readonly #all: readonly ChaosNode[]
  readonly #chance: Chance
  readonly #history: Said[] = []
  readonly #stations: ChaosStation[] = []
  readonly #restarts = new Set<Promise<void>>()
  /** Waits for the next frame that a station sends. */
  #nextFrame = Promise.withResolvers<void>()

  constructor(options: ChaosOptions, nodes: ChaosNodes) {
    this.#options = options
    this.#nodes = nodes
    this.#all = Object.values(nodes)
    this.#chance = chance(options.seed)
  }

  async run(): Promise<ChaosReport> {
    await this.#warmUp()
    const runs = this.#startStations()
    const began = performance.now()
    await this.#killAll(began)
    const killSeconds = (performance.now() - began) / 1_000
    await this.#charged()
    await this.#rest(runs)
    const findings = await this.#judge()
    return this.#report(killSeconds, findings)
  }

  /** Only a node that ends in order leaves its compiled sources behind (bin/chargeproof), and every later start takes half as long with them. */
  async #warmUp(): Promise<void> {
    const { gateway } = this.#nodes
    await gateway.start()
    await gateway.stop()
    gateway.starts.length = 0
    await Promise.all(this.#all.map((node) => node.start()))
  }

  async end(): Promise<void> {
    for (const station of this.#stations) station.giveUp()
    await Promise.allSettled(this.#restarts)
    await Promise.all(this.#all.map((node) => node.stop()))
    writeFileSync(join(this.#options.dir, 'history.json'), JSON.stringify(this.#history, undefined, 1))
  }

  async #charged(): Promise<void> {
    const { events = 0 } = this.#options
    for (const end = performance.now() + 30_000; this.#history.length < events && performance.now() < end; ) await pause(100)
  }

  #startStations(): Promise<void>[] {
    const places: [ChaosNode, string, Version[]][] = [
      [this.#nodes.lc1, 'a', ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1']],
      [this.#nodes.lc2, 'b', ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1']],
      [this.#nodes.gateway, 'g', ['ocpp2.1']],
      [this.#nodes.csms, 'c', ['ocpp1.6']],
    ]
    for (const [node, letter, versions] of places)
      for (const version of versions) {
        const id = `${letter}-${version.slice(4)}`
        const own = chance(this.#options.seed * 31 + this.#stations.length + 1)
        const url = `ws://127.0.0.1:${node.port}/ocpp`
        const sent = (): void => this.#nextFrame.resolve()
        this.#stations.push(new ChaosStation({ id, version, url, chance: own, history: this.#history, sent }))
      }
    return this.#stations.map((station) => station.run())
  }

  async #killAll(began: number): Promise<void> {
    const { kills, maxMs, told = () => undefined } = this.#options
    for (let done = 0; done < kills && performance.now() - began < maxMs; ) {
      await this.#moment()
      this.#checkAlive()
      for (const node of this.#victims().slice(0, kills - done)) {
        this.#killed(node)
        if (++done % 50 === 0)
          told(`${done} kills after ${Math.round((performance.now() - began) / 1_000)} s, ${this.#history.length} events said`)
      }
    }
  }

  /** One or two; now and then one that is just starting, and has its store half open. None where none lives. */
  #victims(): ChaosNode[] {
    const living = this.#all.filter((node) => node.isReady || (node.isAlive && this.#chance.next() < 0.15))
    if (living.length === 0) return []
    const first = this.#chance.pick(living)
    const others = living.filter((node) => node !== first)
    return others.length > 0 && this.#chance.next() < TWO ? [first, this.#chance.pick(others)] : [first]
  }

  /** A random moment: somewhere in a calm, or within a few milliseconds of a frame: while it is read, written down, passed on or answered. */
  async #moment(): Promise<void> {
    const calm = this.#chance.next() < CALM
    if (calm) await this.#whole()
    await pause(calm ? this.#chance.between(CALM_MS / 2, CALM_MS) : this.#chance.between(0, 350))
    if (this.#chance.next() < 0.4) return
    this.#nextFrame = Promise.withResolvers<void>()
    await Promise.race([this.#nextFrame.promise, pause(1_000)])
    await pause(this.#chance.between(0, 12))
  }

  #killed(node: ChaosNode): void {
    const wait = this.#chance.between(0, 150)
    const restart = (async (): Promise<void> => {
      await node.kill()
      await pause(wait)
      // a start that is killed has failed as planned
      await node.start().catch(() => undefined)
    })()
    this.#restarts.add(restart)
    restart.finally(() => this.#restarts.delete(restart)).catch(() => undefined)
  }

  async #whole(): Promise<void> {
    while (!this.#all.every((node) => node.isReady)) {
      this.#checkAlive()
      await pause(20)
    }
  }

  #checkAlive(): void {
    const fault = this.#all.find((node) => node.fault !== undefined)?.fault
    if (fault !== undefined) throw new Error(fault)
  }

  async #rest(runs: readonly Promise<void>[]): Promise<void> {
    await this.#whole()
    for (const station of this.#stations) station.finish()
    const late = setTimeout(() => {
      for (const station of this.#stations) station.giveUp()
    }, SETTLE_MS)
    await Promise.allSettled(runs)
    clearTimeout(late)
  }

  /** What a controller still keeps is not lost: it has time to deliver it before the books are closed. */
  async #judge(): Promise<Finding[]> {
    const { port } = this.#nodes.csms
    const deadline = performance.now() + SETTLE_MS
    while ((await this.#kept()) > 0 && performance.now() < deadline) await pause(250)
    const told = await readApi(port)
    await Promise.all(this.#all.map((node) => node.stop()))
    const store = openStore(join(this.#options.dir, 'data', 'csms', 'store.sqlite'))
    try {
      return checkHistory(this.#history, withStore(told, store))
    } finally {
      await store.close()
    }
  }

  async #kept(): Promise<number> {
    let sum = 0
    for (const { port } of [this.#nodes.gateway, this.#nodes.lc1, this.#nodes.lc2]) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      for (const [, queued] of text.matchAll(/^chargeproof_link_queued\{.*\} (\d+)$/gm)) sum += Number(queued)
    }
    return sum
  }

  #report(killSeconds: number, findings: readonly Finding[]): ChaosReport {
    const starts = this.#all.flatMap((node) => node.starts).sort((a, b) => a - b)
    return {
      kills: Object.fromEntries(this.#all.map(({ name, kills }) => [name, kills])),
      killSeconds,
      sessions: new Set(this.#history.map(({ station, session }) => `${station} ${session}`)).size,
      events: this.#history.length,
      acknowledged: this.#history.filter(isAcknowledged).length,
      unknown: this.#history.reduce((sum, { attempts }) => sum + attempts.filter((outcome) => outcome === 'unknown').length, 0),
      startMs: Math.round(starts[Math.floor(starts.length / 2)] ?? 0),
      findings,
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
