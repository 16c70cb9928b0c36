// Nodes in a row that exchange content over streams in memory, each with a store in memory, and content to exchange.
import { createHash } from 'node:crypto'
import { nodeEngine } from '../../../src/adapters/node-crypto.ts'
import type { Fault } from '../../../src/base/fault.ts'
import { Chunker, type Content, chunkCount, chunkLength, contentId, type Hasher, isChunk } from '../../../src/overlay/files/content.ts'
import type { ChunkSource, ContentStore, HeldContent } from '../../../src/overlay/files/content-store.ts'
import { Exchange } from '../../../src/overlay/files/exchange.ts'
import { CONTENT } from '../../../src/overlay/files/request.ts'
import { type MemoryStreams, memoryStreams } from '../../support/memory-streams.ts'
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.ts'

export const engine = nodeEngine()

export const sha256 = (): Hasher => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) }
}

/** Bytes that no two chunks have in common. */
export const bytesOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7 + (i >> 16)) & 255)

export const contentOf = (bytes: Uint8Array, chunkSize = 1_024): Content => {
  const chunker = new Chunker({ engine, whole: sha256(), chunkSize })
  for (const _ of chunker.push(bytes));
  return chunker.end().content
}

export const sourceOf = (bytes: Uint8Array, chunkSize = 1_024): ChunkSource => {
  const content = contentOf(bytes, chunkSize)
  return {
    id: contentId(content, engine),
    content,
    has: () => true,
    read: async (index) => bytes.slice(index * chunkSize, index * chunkSize + chunkLength(content, index)),
    release: () => undefined,
  }
}

export interface MemoryContents extends ContentStore {
  readonly kept: Map<string, { content: Content; chunks: (Uint8Array | undefined)[] }>
}

export const memoryContents = (): MemoryContents => {
  const kept: MemoryContents['kept'] = new Map()
  const held = (id: string): HeldContent | undefined => {
    const found = kept.get(id)
    if (!found) return undefined
    const { content, chunks } = found
    return {
      id,
      content,
      get missing() {
        return chunks.filter((chunk) => !chunk).length
      },
      has: (index) => chunks[index] !== undefined,
      read: async (index) => {
        const bytes = chunks[index]
        if (bytes && isChunk(content, index, bytes, engine)) return bytes
        chunks[index] = undefined
        return undefined
      },
      put: async (index, bytes) => {
        chunks[index] = bytes.slice()
      },
      release: () => undefined,
    }
  }
  return {
    kept,
    find: async (id) => held(id),
    begin: async (content) => {
      const id = contentId(content, engine)
      if (!kept.has(id)) kept.set(id, { content, chunks: new Array(chunkCount(content)).fill(undefined) })
      return held(id) as HeldContent
    },
  }
}

export interface Row {
  readonly net: MemoryStreams
  readonly clock: VirtualClock
  readonly store: (node: string) => MemoryContents
  readonly at: (node: string) => Exchange
  /** Who was found to have altered a chunk, and by whom. */
  readonly altered: { by: string; at: string; fault: Fault }[]
}

/** The first is the top; each other one asks the one before it. Names behind a dot hang from the same node: `lc.a`. */
export const row = (...nodes: readonly string[]): Row => {
  const [net, clock] = [memoryStreams(), virtualClock()]
  const stores = new Map(nodes.map((node) => [node, memoryContents()]))
  const altered: Row['altered'] = []
  const above = (node: string): string | undefined => (node.includes('.') ? node.split('.')[0] : nodes[nodes.indexOf(node) - 1])
  const exchanges = new Map(
    nodes.map((node) => {
      const streams = net.of(node)
      const exchange = new Exchange({
        ...{ self: node, streams, store: stores.get(node) as MemoryContents, engine, clock },
        next: () => above(node),
        altered: (by, fault) => void altered.push({ by, at: node, fault }),
      })
      streams.offer(CONTENT, exchange.offered)
      return [node, exchange]
    }),
  )
  return {
    ...{ net, clock, altered },
    store: (node) => stores.get(node) as MemoryContents,
    at: (node) => exchanges.get(node) as Exchange,
  }
}

/** What has been tried against others: each is refused before a disk is touched. */
export const HOSTILE: readonly string[] = [
  ...[
    '',
    '.',
    '..',
    '/',
    '//',
    '/etc/passwd',
    '//server/share',
    '../x',
    'a/../x',
    'a/..',
    'a/./b',
    './a',
    'a//b',
    'a/',
    '.hidden',
    'a/.hidden',
  ],
  ...['..\\x', 'a\\b', '\\\\server\\share', 'C:\\x', 'C:x', 'file.txt:stream', 'a\0b', 'a\nb', 'a\rb', 'a\tb', '\u001b[2J', '\u007f'],
  ...['~root', '-rf', '--help', '$HOME', '`id`', 'a;b', 'a|b', 'a&b', 'a*b', 'a?b', 'a<b', 'a>b', 'a"b', "a'b", 'a%2e%2e', '%2e%2e/x'],
  ...['CON', 'con.txt', 'a/NUL', 'nul.', 'COM1', 'com1.log', 'LPT9.txt', 'aux', 'prn.x', 'conin$'],
  ...[
    'a.',
    'a ',
    'a/b.',
    ' a',
    'a/ b',
    'e\u0301.txt',
    '\u202Egnp.exe',
    'a\u200Bb',
    '\uFEFFa',
    'a\uD800',
    '\uFF0E\uFF0E/x',
    'a\u2215b',
    'a\u2044b',
  ],
  ...['x'.repeat(256), 'ä'.repeat(128), `${'a/'.repeat(8)}a`, `${`${'x'.repeat(200)}/`.repeat(6)}x`],
]
