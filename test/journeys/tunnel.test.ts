// A meter behind a local controller is read from the back end: Modbus/TCP over a tunnel, across gateway and controller, over real sockets.
// What nobody listed, and who is not among the roles, gets nowhere.
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MeterReading, meterQuestion, readAnswer, startMeter } from '../../apps/park/modbus.ts'
import { listenForTunnels } from '../../src/adapters/tunnel.ts'
import type { ByteStream } from '../../src/overlay/streams/stream.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { caught } from '../overlay/support.ts'
import { freePorts } from '../support/ports.ts'
import { csmsConfig, openSite, relayConfig, type Site, TRUST_CSMS } from '../support/site.ts'
import { until } from '../support/until.ts'

const READING: MeterReading = { powerW: -4_321, energyWh: 3_000_000_123, volts: 231.4 }
const TRUST = [...TRUST_CSMS, { node: 'gateway', role: 'gateway', key: 'keys/gateway.pem' }]

let site: Site
let meter: Awaited<ReturnType<typeof startMeter>>
let [csms, gateway, lc]: NetworkNode[] = []
let sink: Awaited<ReturnType<typeof listenForTunnels>>
let secret: typeof meter
let [door, sealedDoor] = [0, 0]
const sockets: Socket[] = []

beforeAll(async () => {
  site = await openSite(3)
  meter = await startMeter(() => READING)
  sink = await listenForTunnels(0, async (wire) => {
    for await (const _ of wire.received);
  })
  secret = await startMeter(() => READING)
  ;[door, sealedDoor] = [await freePorts(1), await freePorts(1)]
  const { port } = site
  const forward = [
    { listen: door, node: 'lc', host: '127.0.0.1', port: meter.port },
    { listen: sealedDoor, node: 'lc', host: '127.0.0.1', port: secret.port, sealed: true as const },
  ]
  csms = (await site.start({ ...csmsConfig(port), tunnel: { forward } }, [{ node: 'lc', role: 'local-controller', key: 'keys/lc.pem' }]))
    .network
  gateway = (await site.start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }))).network
  const config = relayConfig('lc', { listen: port + 2, up: port + 1, upNode: 'gateway' })
  const allow = [
    { host: '127.0.0.1', port: meter.port, roles: ['csms'] },
    { host: '127.0.0.1', port: sink.port, roles: ['csms'] },
    { host: '127.0.0.1', port: secret.port, roles: ['csms'], sealed: true as const },
    { host: '127.0.0.1', port: 1, roles: ['csms'] },
  ]
  const policy = [{ id: 'both', role: ['csms', 'gateway'], actions: ['*'] }]
  lc = (await site.start({ ...config, policy, tunnel: { allow, connections: 2, idleSeconds: 1, megabytes: 1 } }, TRUST)).network
  await until(() => csms?.overlay.routes.place('lc')?.online, 'the controller to be known to the back end')
})

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await site.close()
  await meter.close()
  await sink.close()
  await secret.close()
})

/** Asks over a socket, and reads until the answer is whole. */
const ask = (question: Buffer, at = door): Promise<ReturnType<typeof readAnswer>> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: at, host: '127.0.0.1' })
    sockets.push(socket)
    let heard = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes])
      const answer = readAnswer(heard)
      if (answer) socket.end(() => resolve(answer))
    })
    socket.on('error', reject).on('close', () => resolve(undefined))
    socket.write(question)
  })

const open = (from: NetworkNode | undefined, port: number, host = '127.0.0.1'): Promise<ByteStream> =>
  (from as NetworkNode).overlay.streams.open('lc', { purpose: 'tunnel', class: 'interactive', details: { host, port } })

const journal = (): readonly string[] => lc?.journal.read(0, 1_000).map(({ kind, text }) => `${kind}: ${text}`) ?? []

describe('a meter behind a controller', () => {
  it('is read from the back end, by both functions, as if it stood beside it', async () => {
    expect(await ask(meterQuestion(1))).toEqual(READING)
    expect(await ask(meterQuestion(2, { code: 4 }))).toEqual(READING)
    expect(await ask(meterQuestion(3, { first: 4, count: 2 }))).toEqual({ exception: 2 })
    expect(journal()).toContain(`tunnel: opened a tunnel to 127.0.0.1:${meter.port}`)
    await until(() => journal().some((row) => row.includes('is over: both sides are done')), 'the tunnel to end')
  })

  it('is read through a sealed tunnel where its list demands one, and through no other', async () => {
    expect(await ask(meterQuestion(4), sealedDoor)).toEqual(READING)
    expect(await caught(open(csms, secret.port))).toMatchObject({ message: expect.stringContaining('rule tunnel') })
    expect(journal()).toContain(`security: asked for a tunnel to 127.0.0.1:${secret.port}: it would not be sealed`)
  })

  it('ends when nothing moves', async () => {
    const stream = await open(csms, meter.port)
    const gone = await caught((async () => stream.received[Symbol.asyncIterator]().next())())
    expect(gone).toMatchObject({ code: 'timeout', message: 'nothing moved for 1 s' })
  })

  it('is not flooded: a tunnel has a bound', async () => {
    const stream = await open(csms, sink.port)
    const flood = (async () => {
      for (let i = 0; i < 100; i++) await stream.write(new Uint8Array(65_536))
    })()
    expect(await caught(flood)).toMatchObject({ code: 'limit-exceeded', message: 'a tunnel carries 1 MiB at most' })
  })
})

describe('what is not listed', () => {
  it.each([
    ['another port', () => open(csms, meter.port + 1)],
    ['another host', () => open(csms, meter.port, '127.0.0.2')],
    ['another spelling', () => open(csms, meter.port, '127.1')],
    ['a port that is a text', () => open(csms, String(meter.port) as never)],
    ['a role that is not among those for it', () => open(gateway, meter.port)],
  ])('is refused: %s', async (_what, opening) => {
    expect(await caught(opening())).toMatchObject({ message: expect.stringContaining('not listed for that role') })
  })

  it('stands in the journal with who asked', async () => {
    expect(journal()).toContain(`security: asked for a tunnel to 127.0.0.1:${meter.port}: gateway is not among the roles for it`)
    expect(journal()).toContain(`security: asked for a tunnel to 127.0.0.2:${meter.port}: it is not listed`)
  })

  it('and what is listed and does not answer takes no place', async () => {
    for (let i = 0; i < 4; i++) expect(await caught(open(csms, 1))).toBeDefined()
    expect(await ask(meterQuestion(9))).toEqual(READING)
  })

  it('and more than are allowed at a time wait for nobody', async () => {
    const [one, other] = [await open(csms, meter.port), await open(csms, meter.port)]
    expect(await caught(open(csms, meter.port))).toMatchObject({ message: expect.stringContaining('2 tunnels already') })
    for (const stream of [one, other]) await stream.end()
    expect(await ask(meterQuestion(10))).toEqual(READING)
  })
})
