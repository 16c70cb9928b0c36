// Streams between nodes of one process, without frames or links: what a test of their users needs. Bytes can be counted and changed on the way.
import { randomUUID } from 'node:crypto'
import { Fault } from '../../src/base/fault.ts'
import type { ByteStream, StreamHandler, StreamRequest, Streams } from '../../src/overlay/streams/stream.ts'

export interface MemoryStreams {
  of(node: string): Streams
  /** Bytes that went from one node to another, by `from>to`. */
  readonly carried: Map<string, number>
  /** Questions, by `from>to`. */
  readonly opened: Map<string, number>
  /** Sees, and may change, every piece on its way. */
  tamper: (from: string, to: string, bytes: Uint8Array) => Uint8Array
  /** Breaks every stream that is open. */
  breakAll(): void
}

const WINDOW = 65_536

export const memoryStreams = (): MemoryStreams => {
  const offers = new Map<string, StreamHandler>()
  const open = new Set<ByteStream>()
  const count = (map: Map<string, number>, key: string, by: number): void => void map.set(key, (map.get(key) ?? 0) + by)
  const net: MemoryStreams = {
    carried: new Map(),
    opened: new Map(),
    tamper: (_from, _to, bytes) => bytes,
    breakAll: () => {
      for (const stream of open) stream.reset(new Fault('link-lost', 'the link broke'))
      open.clear()
    },
    of: (self) => ({
      async open(to, request: StreamRequest) {
        const handler = offers.get(`${to} ${request.purpose}`)
        if (!handler) throw new Fault('remote-error', `${to} offers no ${request.purpose}`)
        count(net.opened, `${self}>${to}`, 1)
        const answer = await handler(request, self)
        const carry = (from: string, at: string) => (bytes: Uint8Array) => {
          count(net.carried, `${from}>${at}`, bytes.length)
          return net.tamper(from, at, bytes)
        }
        const [there, back] = [pipe(carry(self, to)), pipe(carry(to, self))]
        const end = (peer: string, [out, into]: [Pipe, Pipe]): ByteStream => ({
          ...{ id: randomUUID(), class: request.class, peer, delivered: 0 },
          write: (bytes) => out.write(bytes),
          end: () => out.end(),
          received: into.received,
          reset: (fault) => {
            for (const each of [out, into]) each.fail(fault)
          },
        })
        const mine = end(to, [there, back])
        open.add(mine)
        answer.run(end(self, [back, there])).catch(() => undefined)
        return mine
      },
      offer: (purpose, handler) => void offers.set(`${self} ${purpose}`, handler),
    }),
  }
  return net
}

interface Pipe {
  write(bytes: Uint8Array): Promise<void>
  end(): Promise<void>
  readonly received: AsyncIterable<Uint8Array>
  fail(fault: Fault): void
}

const pipe = (carry: (bytes: Uint8Array) => Uint8Array): Pipe => {
  const queue: Uint8Array[] = []
  let waiting = 0
  let state: 'open' | 'ended' | 'taken' = 'open'
  let failure: Fault | undefined
  let news = Promise.withResolvers<void>()
  const tell = (): void => {
    news.resolve()
    news = Promise.withResolvers()
  }
  const until = async (look: () => boolean): Promise<void> => {
    while (!look()) {
      if (failure) throw failure
      await news.promise
    }
    if (failure) throw failure
  }
  const received = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      await until(() => queue.length > 0 || state !== 'open')
      const next = queue.shift()
      if (!next) {
        state = 'taken'
        tell()
        return
      }
      waiting -= next.length
      tell()
      yield next
    }
  }
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; at += 16_384) {
        await until(() => waiting < WINDOW)
        const piece = carry(bytes.slice(at, at + 16_384))
        waiting += piece.length
        queue.push(piece)
        tell()
      }
    },
    async end() {
      state = 'ended'
      tell()
      await until(() => state === 'taken')
    },
    received: { [Symbol.asyncIterator]: received },
    fail(fault) {
      failure ??= fault
      tell()
    },
  }
}
