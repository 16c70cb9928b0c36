// Ports that nobody uses, below the range from which the kernel takes the ports of outgoing connections.
import { createServer } from 'node:net'

const LOWEST = 15_000
const HIGHEST = 32_000

/** The first of `count` neighbouring free ports of 127.0.0.1; each test draws anew, so that two files side by side do not meet. */
export const freePorts = async (count: number): Promise<number> => {
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = LOWEST + Math.floor(Math.random() * ((HIGHEST - LOWEST) / 10)) * 10
    const free = await Promise.all(Array.from({ length: count }, (_, offset) => isFree(base + offset)))
    if (free.every(Boolean)) return base
  }
  throw new Error(`no ${count} neighbouring ports are free`)
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
