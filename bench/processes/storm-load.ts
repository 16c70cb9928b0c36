// Stations that come back all at once, as after a power cut: each connects, and again after half a second where it was turned away, boots,
// and stays. It yields the core it shares to whoever measures.
import { setPriority } from 'node:os'
import { WebSocket } from 'ws'
import { answerParent } from '../child.ts'

/** Handshakes this process has open at a time: the others wait in the accept queue of nobody. */
const AT_A_TIME = 250

const open = (url: string): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['ocpp2.0.1'], { perMessageDeflate: false })
    socket.once('open', () => resolve(socket)).once('error', reject)
  })

const boot = async (url: string): Promise<void> => {
  for (;;) {
    const socket = await open(url).catch(() => undefined)
    if (socket === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 500))
      continue
    }
    const answer = new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))))
    socket.send('[2,"1","BootNotification",{"reason":"PowerUp","chargingStation":{"model":"B1","vendorName":"Bench"}}]')
    const [type, , { status }] = (await answer) as [number, string, { status?: string }]
    if (type !== 3 || status !== 'Accepted') throw new Error(`expected to be accepted, got ${type} ${status}`)
    return
  }
}

/** Resolves with the seconds until all are connected and booted. */
const run = async ({ url, count }: { url: string; count: number }): Promise<number> => {
  setPriority(19)
  const start = performance.now()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await boot(`${url}/storm${next++}`)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  return (performance.now() - start) / 1_000
}

answerParent({ run })
