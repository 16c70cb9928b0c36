// Server-sent events (WHATWG HTML §9.2): one stream per reader of everything the node tells. A reader that does not keep up is
// dropped, not waited for; it connects again and reads the lists anew.
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Management, ManagementEvent } from '../management.ts'
import { HttpProblem } from './problem.ts'

const HEARTBEAT_MS = 15_000
const READERS = 64
/** Bytes that may wait for one reader. */
const BUFFER = 1024 * 1024

export interface EventOptions {
  readonly heartbeatMs?: number
  readonly bufferBytes?: number
}

/** The handler of the event stream. Its streams end when the server begins to close. */
export const eventStream = (
  app: FastifyInstance,
  management: Management,
  { heartbeatMs = HEARTBEAT_MS, bufferBytes = BUFFER }: EventOptions,
) => {
  const readers = new Set<ServerResponse>()
  app.addHook('preClose', async () => {
    for (const reader of readers) reader.end()
  })
  return async (_request: unknown, reply: FastifyReply): Promise<void> => {
    if (readers.size >= READERS) throw new HttpProblem('busy', 'too many readers follow the events already')
    const reader = opened(reply)
    readers.add(reader)
    const write = (text: string): void => {
      if (reader.writableLength > bufferBytes) reader.destroy()
      else reader.write(text)
    }
    const cancel = management.subscribe((event) => write(frameOf(event)))
    const heartbeat = setInterval(() => write(':\n\n'), heartbeatMs)
    reader.on('close', () => {
      clearInterval(heartbeat)
      cancel()
      readers.delete(reader)
    })
  }
}

/** Takes the answer out of fastify's hands, with the headers set so far, and sends its head. */
const opened = (reply: FastifyReply): ServerResponse => {
  reply.header('content-type', 'text/event-stream; charset=utf-8').header('x-accel-buffering', 'no').hijack()
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value)
  reply.raw.writeHead(200)
  reply.raw.write(':\n\n')
  return reply.raw
}

/** JSON has no raw line break, and the type is a word: an event cannot hold another one. */
const frameOf = ({ type, data }: ManagementEvent): string => `event: ${type.replace(/[^\w.-]/g, '')}\ndata: ${JSON.stringify(data)}\n\n`
