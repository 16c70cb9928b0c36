// The firmware of a back end: the files of releases on disk, its roll-outs over the network, and where each station fetches from: the door of
// the controller it is connected to, which gets the file as content over a stream.
import { open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { asFault, Fault, type FaultCode } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { payloadOf, RESULT } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'
import { faultOf, isUnknown, refusalOf } from '../overlay/error-answer.ts'
import type { ChunkSource } from '../overlay/files/content-store.ts'
import type { ContentExchange } from '../overlay/files/transfer.ts'
import type { CsmsDesk } from '../roles/csms-desk.ts'
import { type Door, type Errand, OPEN_DOOR, readAddress, writeOrder } from '../roles/door.ts'
import type { Order } from '../roles/firmware/orders.ts'
import type { Release } from '../roles/firmware/release.ts'
import type { RollOut } from '../roles/firmware/roll-out.ts'
import { type Asked, RollOuts } from '../roles/firmware/roll-outs.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import { atATime } from './at-a-time.ts'
import { openDataFolder } from './data-folder.ts'
import { writeWhole } from './durable-files.ts'
import { FileContents, sha256Hasher } from './file-contents.ts'
import { nodeRandom } from './node-crypto.ts'
import type { Foundation } from './world.ts'

export interface FirmwareParts {
  readonly foundation: Foundation
  readonly network: NetworkNode
  readonly desk: CsmsDesk
  readonly exchange: ContentExchange
  /** Of this node, for stations that are connected to it. */
  readonly door?: Door | undefined
}

/** An order is taken at once or not at all: what a station does then it reports. */
const ORDER_MS = 30_000
/** Faults of a way that may be there again later. */
const PASSING: readonly (string | undefined)[] = ['unreachable', 'timeout', 'link-lost', 'queue-full', 'hop-limit'] satisfies FaultCode[]

export class FirmwareDesk {
  readonly rolls: RollOuts
  readonly #parts: FirmwareParts
  readonly #folder: string
  readonly #contents: FileContents
  /** Releases that doors may fetch, by hash, each with the end of it. */
  readonly #offered = new Map<string, { readonly source: ChunkSource; readonly withdraw: () => void }>()
  readonly #listeners = new Set<(roll: RollOut) => void>()
  /** By controller: questions for addresses go one after the other anyway, and only so many wait on a link. */
  readonly #turns = new Map<string, ReturnType<typeof atATime>>()
  readonly #stopMoves: () => void

  constructor(parts: FirmwareParts) {
    const { foundation, network, desk } = parts
    const { config, world, store, clock, trust, engine } = foundation
    this.#parts = parts
    this.#folder = join(world.dataDir, config.node, 'firmware')
    this.#contents = new FileContents(engine)
    this.rolls = new RollOuts({
      ...{ store, clock, trust, engine, desk, journal: network.journal },
      ask: (station, version, order) => this.#ask(station, version, order),
      isOnline: (station) => network.overlay.routes.place(station)?.online === true,
      locate: (station, release) => this.#locate(station, release),
      told: (roll) => {
        for (const listener of this.#listeners) listener(roll)
      },
      failed: (fault) => network.overlay.flaw(fault, { id: network.id }),
    })
    this.#stopMoves = network.watch((event) => {
      if (event.type === 'moved') this.rolls.moved(event.data)
    })
  }

  onChange(listener: (roll: RollOut) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Releases whose file is here, by their hash. */
  async files(): Promise<ReadonlySet<string>> {
    openDataFolder(this.#folder)
    return new Set(await readdir(this.#folder))
  }

  /**
   * Keeps the file of a release.
   * @throws Fault `input-missing` where there is no such release, `refused` for other bytes than its manufacturer signed
   */
  async putFile(id: string, file: AsyncIterable<Uint8Array>): Promise<Release> {
    const signed = this.rolls.release(id)
    if (!signed) throw new Fault('input-missing', `there is no release ${id}`)
    const { release } = signed
    openDataFolder(this.#folder)
    const path = join(this.#folder, `.${nodeRandom.uuid()}`)
    try {
      await writeChecked(path, file, release)
      await rename(path, join(this.#folder, release.sha256))
      return release
    } finally {
      await rm(path, { force: true })
    }
  }

  /** An address to which a station sends a file, and the folder it comes to in the file space of this node. */
  addressFor(station: string, folder: string): Promise<string> {
    return this.#address(station, { kind: 'put', folder })
  }

  stop(): void {
    this.#stopMoves()
    for (const { withdraw } of this.#offered.values()) withdraw()
    this.rolls.stop()
  }

  async #locate(station: string, release: Release): Promise<string> {
    const { source } = this.#offered.get(release.sha256) ?? (await this.#offer(release))
    const { size, sha256 } = source.content
    return this.#address(station, { kind: 'get', content: source.id, size, sha256 })
  }

  /** Opens the file once for all stations. */
  async #offer(release: Release): Promise<{ readonly source: ChunkSource }> {
    const file = await open(join(this.#folder, release.sha256), 'r').catch((cause) => {
      throw new Fault('refused', `the file of ${release.id} is not here`, {}, cause)
    })
    const source = await this.#contents.of(file)
    const known = this.#offered.get(release.sha256)
    // it was checked when it came; a disk is not for ever
    if (known || source.content.sha256 !== release.sha256) source.release()
    if (known) return known
    if (source.content.sha256 !== release.sha256) throw new Fault('refused', `the file of ${release.id} is not what was signed any more`)
    const offered = { source, withdraw: this.#parts.exchange.publish(source) }
    this.#offered.set(release.sha256, offered)
    return offered
  }

  async #address(station: string, errand: Errand): Promise<string> {
    const { network, door } = this.#parts
    const { routes } = network.overlay
    if (routes.direct(station) !== undefined) {
      if (!door) throw new Fault('refused', `${station} is connected to this node, which has no "door"`)
      return (await door.issue(station, errand, network.id)).url
    }
    const controller = routes.place(station)?.path.at(-2)
    if (controller === undefined) throw new Fault('unreachable', `no route leads to ${station}`)
    const inTurn = this.#turns.get(controller) ?? atATime(1)
    this.#turns.set(controller, inTurn)
    const order = payloadOf(writeOrder(station, errand))
    const { answer } = await inTurn(() => network.ask(controller, OPEN_DOOR, order, { ocpp: 'ocpp2.1', timeoutMs: ORDER_MS }))
    const { message } = network.guard.plain(answer)
    if (message.type !== RESULT) throw faultOf(answer)
    return readAddress(message.payload.value)
  }

  async #ask(station: string, version: Version, { action, payload }: Order): Promise<Asked> {
    const { network } = this.#parts
    try {
      const { question, answer } = await network.ask(station, action, payloadOf(payload as Json), { ocpp: version, timeoutMs: ORDER_MS })
      const { message } = network.guard.plain(answer)
      if (message.type === RESULT) return { answer: message.payload.value }
      const { description, code } = message as { description: string; code: string }
      if (network.guard.leavesOpen(question, answer) || PASSING.includes(refusalOf(answer).fault)) return { lost: description }
      return { refused: description || code, code }
    } catch (thrown) {
      const fault = asFault(thrown)
      return isUnknown(fault) || PASSING.includes(fault.code) ? { lost: fault.message } : { refused: fault.message, code: fault.code }
    }
  }
}

/** Durable, and what was signed; or a Fault. */
const writeChecked = async (path: string, bytes: AsyncIterable<Uint8Array>, { bytes: size, sha256 }: Release): Promise<void> => {
  const file = await open(path, 'wx', 0o600)
  try {
    const hash = sha256Hasher()
    let left = size
    for await (const part of bytes) {
      left -= part.length
      if (left < 0) break
      hash.update(part)
      await writeWhole(file, part)
    }
    const found = Buffer.from(hash.digest()).toString('hex')
    if (left !== 0 || found !== sha256) throw new Fault('refused', 'these are not the bytes that were signed', { rule: 'firmware-file' })
    await file.sync()
  } finally {
    await file.close()
  }
}
