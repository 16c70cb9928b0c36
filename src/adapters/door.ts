// The door of a controller over HTTP: serves content to the one station that an address was made for, whole or from where it broke off, and
// takes files from it for the node that wants them. No directory, no names to guess, nothing else behind the path.
import { open, rm } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Content } from '../overlay/files/content.ts'
import type { FileService } from '../overlay/files/file-service.ts'
import { fileNameFlaw } from '../overlay/files/names.ts'
import type { ContentExchange, Transfer } from '../overlay/files/transfer.ts'
import { DOOR_PATH, type Door, type Ticket } from '../roles/door.ts'
import { atATime } from './at-a-time.ts'
import { openDataFolder } from './data-folder.ts'
import { drained } from './drained.ts'
import { writeWhole } from './durable-files.ts'
import { FileContents } from './file-contents.ts'
import { boundaryOf, FormFile } from './form-file.ts'
import { nodeRandom } from './node-crypto.ts'

export interface DoorWorld {
  readonly door: Door
  readonly exchange: ContentExchange
  readonly service: Pick<FileService, 'send'>
  readonly engine: Engine
  /** Where a file lies until the other node has it. */
  readonly folder: string
  /** Of one file that a station sends, bytes. */
  readonly most: number
  /** Addresses to which a file is being sent. */
  readonly coming: Set<string>
  /** How long a station may neither take nor give anything, ms; a default where not given. */
  readonly stillMs?: number
  /** Whether that station is connected from that address; any station, where none is named. */
  isFrom(address: string, station: string | undefined): boolean
  failed(fault: Fault): void
}

/** Files under way at the same time; whoever else comes waits as long as a station may be still. */
const MOST_AT_ONCE = 64
/** A station on a bad line may need minutes for a file, and is heard of meanwhile. */
const STILL_MS = 30_000
/** What is given before the station must have taken some of it, bytes. */
const SLICE = 65_536

/** Serves what lies below `/door/`, and leaves everything else to `other`. */
export const withDoor = (world: DoorWorld, other: RequestListener): RequestListener => {
  const inTurn = atATime(MOST_AT_ONCE, world.stillMs ?? STILL_MS)
  return (request, response) => {
    // as it came: what a stranger asks for need not be an address at all, and nothing here is decoded before it was found
    const path = request.url?.split('?', 1)[0] ?? '/'
    if (!path.startsWith(DOOR_PATH)) return other(request, response)
    // a token may not be in the log of a proxy's referrer, nor a file in its cache
    response.setHeader('cache-control', 'no-store').setHeader('x-content-type-options', 'nosniff')
    const serving = METHODS[request.method ?? '']
    if (!serving) return refuse(response, 405)
    serving(request, response, { world, inTurn, rest: path.slice(DOOR_PATH.length) }).catch((thrown) => {
      world.failed(asFault(thrown))
      refuse(response, STATUS[asFault(thrown).code] ?? 500)
    })
  }
}

interface Visit {
  readonly world: DoorWorld
  /** For who was admitted: strangers take nobody's turn. */
  readonly inTurn: ReturnType<typeof atATime>
  /** Of the path, behind the door: the token, and what a station put behind it. */
  readonly rest: string
}

type Serving = (request: IncomingMessage, response: ServerResponse, visit: Visit) => Promise<void>

/** What the station is told of a fault; whoever is to blame, it can do no more than try again. */
const STATUS: Readonly<Partial<Record<string, number>>> = {
  'limit-exceeded': 413,
  refused: 403,
  'payload-invalid': 400,
  unreachable: 503,
  timeout: 503,
  'link-lost': 503,
  'queue-full': 503,
}

const give: Serving = async (request, response, { world, inTurn, rest }) => {
  const ticket = admitted(request, world, { token: rest, kind: 'get' })
  if (ticket?.errand.kind !== 'get') return refuse(response, 404)
  const { content: id, size, sha256 } = ticket.errand
  const etag = `"${sha256}"`
  const range = rangeOf(wantedRange(request, etag), size)
  if (range === 'unsatisfiable') return refuse(response.setHeader('content-range', `bytes */${size}`), 416)
  const [from, to] = range ?? [0, size]
  const head = {
    'content-type': 'application/octet-stream',
    'content-length': to - from,
    'accept-ranges': 'bytes',
    etag,
    ...(range && { 'content-range': `bytes ${from}-${to - 1}/${size}` }),
  }
  if (request.method === 'HEAD') return void response.writeHead(200, head).end()
  await inTurn(async () => {
    const transfer = world.exchange.open({ content: id, source: ticket.node })
    try {
      const content = await transfer.content
      if (content.size !== size || content.sha256 !== sha256) throw new Fault('refused', 'the content is not what the address was made for')
      response.writeHead(range ? 206 : 200, head)
      await copy(transfer, content, { response, from, to, stillMs: world.stillMs })
      // one whole delivery, and the address is gone; who broke off may come back
      if (to === size && (await finished(response)) && ticket.station !== undefined) await world.door.used(rest)
    } finally {
      transfer.release()
    }
  })
}

interface Copying {
  readonly response: ServerResponse
  readonly from: number
  readonly to: number
  readonly stillMs: number | undefined
}

const copy = async (transfer: Transfer, { chunkSize }: Content, { response, from, to, stillMs = STILL_MS }: Copying): Promise<void> => {
  for (let at = from; at < to && !response.destroyed; ) {
    const index = Math.floor(at / chunkSize)
    const chunk = await transfer.chunk(index)
    for (const end = Math.min((index + 1) * chunkSize, to); at < end && !response.destroyed; ) {
      const part = chunk.subarray(at - index * chunkSize, Math.min(at + SLICE, end) - index * chunkSize)
      at += part.length
      if (!response.write(part)) await takenInTime(response, stillMs)
    }
  }
}

/** Whoever takes nothing any more is hung up on; he may come back. */
const takenInTime = async (response: ServerResponse, stillMs: number): Promise<void> => {
  const still = setTimeout(() => response.destroy(), stillMs)
  await drained(response)
  clearTimeout(still)
}

/** Whether all of it left. */
const finished = (response: ServerResponse): Promise<boolean> =>
  new Promise((tell) => {
    response.once('close', () => tell(response.writableFinished))
    response.end()
  })

const take: Serving = async (request, response, { world, inTurn, rest }) => {
  const [token = '', name = ''] = rest.split('/', 2)
  const ticket = admitted(request, world, { token, kind: 'put' })
  const given = ticket && nameFor(ticket, name)
  if (ticket?.errand.kind !== 'put' || given === undefined) return refuse(response, 404)
  if (Number(request.headers['content-length'] ?? 0) > world.most) return refuse(response, 413)
  // one file for one address: while it comes, nobody brings another
  if (world.coming.has(token)) return refuse(response, 409)
  world.coming.add(token)
  try {
    await inTurn(() => takeIn(request, { world, ticket, token, name, given }))
    response.writeHead(201).end()
  } finally {
    world.coming.delete(token)
  }
}

interface Coming {
  readonly world: DoorWorld
  readonly ticket: Ticket
  readonly token: string
  /** Behind the address. */
  readonly name: string
  /** The whole name that it stands for. */
  readonly given: string
}

/** Resolves when the other node has it: whoever forgets a log once it was taken has lost nothing. */
const takeIn = async (request: IncomingMessage, { world, ticket, token, name, given }: Coming): Promise<void> => {
  openDataFolder(world.folder)
  const path = join(world.folder, `upload-${nodeRandom.uuid()}`)
  try {
    const said = await keep(request, path, { world, isOver: () => world.door.find(token, 'put') === undefined })
    const source = await new FileContents(world.engine).of(await open(path, 'r'))
    const withdraw = world.exchange.publish(source)
    const full = (name === '' && said !== undefined && nameFor(ticket, encodeURIComponent(said))) || given
    await world.service.send(ticket.node, { name: full, content: source.id, size: source.content.size }).finally(withdraw)
    await world.door.used(token)
  } finally {
    await rm(path, { force: true })
  }
}

interface Keeping {
  readonly world: Pick<DoorWorld, 'most' | 'stillMs'>
  /** Whether the time of the address has run out. */
  isOver(): boolean
}

/**
 * Writes what comes to a file; resolves with the name that a form gives it. Throws Fault `limit-exceeded` as soon as it is too long,
 * `link-lost` where it breaks off, `timeout` where nothing comes for long or it comes for longer than the address counts, `payload-invalid`
 * for a form that is broken.
 */
const keep = async (request: IncomingMessage, path: string, { world, isOver }: Keeping): Promise<string | undefined> => {
  const { most, stillMs = STILL_MS } = world
  const boundary = boundaryOf(request.headers['content-type'])
  const form = boundary === undefined ? undefined : new FormFile(boundary)
  const file = await open(path, 'wx', 0o600)
  const still = setTimeout(() => request.destroy(new Fault('timeout', `nothing came for ${stillMs} ms`)), stillMs)
  let size = 0
  const body = noticed(request, (length) => {
    still.refresh()
    size += length
    if (size > most) throw new Fault('limit-exceeded', `expected at most ${most} bytes`)
    if (isOver()) throw new Fault('timeout', 'the address is over')
  })
  try {
    for await (const part of form ? form.in(body) : body) await writeWhole(file, part)
    if (!request.complete) throw new Fault('link-lost', 'the file broke off')
    return form?.name
  } finally {
    clearTimeout(still)
    await file.close()
  }
}

const noticed = async function* (body: AsyncIterable<Uint8Array>, seen: (length: number) => void): AsyncGenerator<Uint8Array> {
  for await (const part of body) {
    seen(part.length)
    yield part
  }
}

const METHODS: Readonly<Record<string, Serving>> = { GET: give, HEAD: give, PUT: take, POST: take }

const admitted = (
  request: IncomingMessage,
  { door, isFrom }: DoorWorld,
  wanted: { token: string; kind: 'get' | 'put' },
): Ticket | undefined => {
  const ticket = door.find(wanted.token, wanted.kind)
  const { remoteAddress } = request.socket
  return remoteAddress !== undefined && ticket && isFrom(remoteAddress, ticket.station) ? ticket : undefined
}

/** Below the folder that was asked for, one for each station. */
const nameFor = ({ station = '', errand }: Ticket, name: string): string | undefined => {
  let plain: string
  try {
    plain = decodeURIComponent(name)
  } catch {
    return undefined // a name that is no text
  }
  const full = `${errand.kind === 'put' ? errand.folder : ''}/${station}/${plain === '' ? 'upload' : plain}`
  return plain.includes('/') || fileNameFlaw(full) !== undefined ? undefined : full
}

/** RFC 9110 §13.1.5: whoever has the beginning of another file gets the whole of this one, and not its end. */
const wantedRange = ({ headers }: IncomingMessage, etag: string): string | undefined => {
  const { range, 'if-range': only } = headers
  return only === undefined || only === etag ? range : undefined
}

/** RFC 9110 §14.1.2, one range; several are answered with the whole, as §14.2 lets a server do. */
const rangeOf = (header: string | undefined, size: number): readonly [number, number] | 'unsatisfiable' | undefined => {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  return from < to ? [from, to] : 'unsatisfiable'
}

const refuse = (response: ServerResponse, status: number): void => {
  if (response.headersSent) response.destroy()
  else response.writeHead(status, { connection: 'close', ...(status === 503 && { 'retry-after': '30' }) }).end()
}
