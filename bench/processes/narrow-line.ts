// A TCP line of a given rate in each direction, with buffers as small as a process can have them: what waits, waits at the sender.

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { answerParent } from '../child.ts'

/** Bytes that are passed on at once. */
const PIECE = 1_460

/** Resolves with the port that leads to the other at so many bytes a second. */
const start = ({ to, bytesPerSecond }: { to: number; bytesPerSecond: number }): Promise<number> => {
  const server = createServer({ highWaterMark: PIECE, noDelay: true }, (near) => {
    const far = connect({ port: to, host: '127.0.0.1', noDelay: true })
    pass(near, far, bytesPerSecond)
    pass(far, near, bytesPerSecond)
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

const pass = (from: Socket, onto: Socket, bytesPerSecond: number): void => {
  let free = performance.now()
  from.on('data', (bytes) => {
    onto.write(bytes)
    free = Math.max(free, performance.now()) + (bytes.length / bytesPerSecond) * 1_000
    const wait = free - performance.now()
    if (wait < 4) return
    from.pause()
    setTimeout(() => from.resume(), wait)
  })
  from.on('close', () => onto.destroy())
  from.on('error', () => onto.destroy())
}

answerParent({ start })
