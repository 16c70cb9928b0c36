// A controller publishes firmware for all its stations, as OCPP 2.x has it (L03, L04): it gets the file as content over a stream, holds it
// against the checksum, and says under which address of its door every station that is connected to it may fetch it.

import { hex } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import type { Envelope } from '../../ocpp/frame.ts'
import { answeringBefore } from '../../overlay/answering.ts'
import { chunkCount, type Hasher, isContentId } from '../../overlay/files/content.ts'
import type { ContentExchange } from '../../overlay/files/transfer.ts'
import type { Guard } from '../../overlay/guard.ts'
import type { Local } from '../../overlay/node-parts.ts'
import { integerOf, type JsonObject, objectOf, textOf } from '../behaviours/fields.ts'
import type { Door } from '../door.ts'

/** `location` of the order: content of the node that gives it. */
export const CONTENT_SCHEME = 'chargeproof:'

export interface PublisherParts {
  readonly self: string
  readonly guard: Pick<Guard, 'admit' | 'plain'>
  readonly exchange: ContentExchange
  readonly door: Pick<Door, 'publish' | 'used'>
  /** What `checksum` is made with. */
  md5(): Hasher
  /** Says a status to who gave the order. */
  say(node: string, payload: JsonObject): Promise<unknown>
  failed(fault: Fault): void
}

type Status = 'Downloading' | 'Downloaded' | 'DownloadFailed' | 'ChecksumVerified' | 'InvalidChecksum' | 'Published' | 'PublishFailed'

interface Order {
  readonly content: string
  readonly checksum: string
  readonly requestId: number
  readonly from: string
}

/** A node that publishes, and leaves everything else to `local`. */
export const servingPublisher = (local: Local, publisher: () => Publisher | undefined): Local =>
  answeringBefore(local, (action) => publisher()?.answering(action))

export class Publisher {
  readonly #parts: PublisherParts
  /** By checksum: the token of the address, once there is one. */
  readonly #published = new Map<string, { token?: string }>()

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  answering(action: string): ((envelope: Envelope) => Promise<Json>) | undefined {
    const answer = ANSWERS.get(action)
    if (!answer) return undefined
    const { guard, self } = this.#parts
    return async (envelope) => {
      await guard.admit(envelope, self)
      const { message, path } = guard.plain(envelope)
      return answer(this, 'payload' in message ? objectOf(message.payload.value) : {}, path[0] as string)
    }
  }

  /** L03.FR.01: the answer says that it will be tried; how it went is said later. */
  async publish(payload: JsonObject, from: string): Promise<Json> {
    const [location = '', checksum = ''] = [textOf(payload.location), textOf(payload.checksum)?.toLowerCase()]
    const content = location.slice(CONTENT_SCHEME.length)
    const requestId = integerOf(payload.requestId)
    const isOrder = location.startsWith(CONTENT_SCHEME) && isContentId(content) && /^[0-9a-f]{32}$/.test(checksum)
    if (!isOrder || requestId === undefined || this.#published.has(checksum)) return { status: 'Rejected' }
    const entry = {}
    this.#published.set(checksum, entry)
    this.#run({ content, checksum, requestId, from }, entry).catch((thrown) => this.#parts.failed(asFault(thrown)))
    return { status: 'Accepted' }
  }

  /** L04. */
  async unpublish(payload: JsonObject): Promise<Json> {
    const checksum = textOf(payload.checksum)?.toLowerCase() ?? ''
    const entry = this.#published.get(checksum)
    if (!entry) return { status: 'NoFirmware' }
    if (entry.token === undefined) return { status: 'DownloadOngoing' }
    await this.#parts.door.used(entry.token)
    this.#published.delete(checksum)
    return { status: 'Unpublished' }
  }

  async #run(order: Order, entry: { token?: string }): Promise<void> {
    const { door } = this.#parts
    try {
      const { size, sha256 } = await this.#fetched(order)
      const { url, token } = await door.publish({ kind: 'get', content: order.content, size, sha256 }, order.from)
      entry.token = token
      await this.#say(order, 'Published', { location: [url] })
    } catch (thrown) {
      this.#published.delete(order.checksum)
      const fault = asFault(thrown)
      await this.#say(order, (fault.data.status as Status | undefined) ?? 'PublishFailed')
      throw fault
    }
  }

  /** Whole, and what the checksum says. */
  async #fetched(order: Order): Promise<{ size: number; sha256: string }> {
    const { exchange, md5 } = this.#parts
    await this.#say(order, 'Downloading')
    const transfer = exchange.open({ content: order.content, source: order.from })
    try {
      const content = await transfer.content
      const hash = md5()
      for (let index = 0; index < chunkCount(content); index++) hash.update(await transfer.chunk(index))
      await this.#say(order, 'Downloaded')
      if (hex(hash.digest()) !== order.checksum) throw failure('InvalidChecksum', 'the checksum is of another file')
      await this.#say(order, 'ChecksumVerified')
      return content
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.data.status !== undefined) throw thrown
      throw failure('DownloadFailed', asFault(thrown).message)
    } finally {
      transfer.release()
    }
  }

  async #say({ requestId, from }: Order, status: Status, more: JsonObject = {}): Promise<void> {
    const { say, failed } = this.#parts
    await say(from, { status, requestId, ...more }).catch((thrown) => failed(asFault(thrown)))
  }
}

const ANSWERS: ReadonlyMap<string, (publisher: Publisher, payload: JsonObject, from: string) => Promise<Json>> = new Map([
  ['PublishFirmware', (publisher: Publisher, payload: JsonObject, from: string) => publisher.publish(payload, from)],
  ['UnpublishFirmware', (publisher: Publisher, payload: JsonObject) => publisher.unpublish(payload)],
])

const failure = (status: Status, why: string): Fault => new Fault('remote-error', why, { status })
