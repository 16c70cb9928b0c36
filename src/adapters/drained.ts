// Waits until a stream of Node has room again, or is gone; leaves no listener behind, however often it is asked.
import type { Writable } from 'node:stream'

export const drained = (stream: Writable): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    stream.on('drain', done).on('close', done)
  })
