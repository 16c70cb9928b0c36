// Streams over real sockets: four nodes from their configurations, three links cut in the middle, and rules that say who may open one.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { csmsConfig, openSite, relayConfig, type Site, TRUST_CSMS } from '../support/site.ts'
import { until } from '../support/until.ts'

const SIZE = 8 * 1024 * 1024
let site: Site
let csms: NetworkNode
let district: NetworkNode
let controller: NetworkNode
const got: { bytes: number; sha256: string }[] = []

beforeAll(async () => {
  site = await openSite(4)
  const { port } = site
  const trust = [...TRUST_CSMS, { node: 'lc', role: 'local-controller', key: 'keys/lc.pem' }]
  csms = (await site.start({ ...csmsConfig(port), policy: [] }, trust)).network
  await site.start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }), trust)
  district = (await site.start(relayConfig('district', { listen: port + 2, up: port + 1, upNode: 'gateway' }), trust)).network
  controller = (await site.start(relayConfig('lc', { listen: port + 3, up: port + 2, upNode: 'district' }), trust)).network
  await until(() => csms.overlay.routes.place('lc')?.online, 'the controller to be known at the back end')
  const offer = (node: NetworkNode): void =>
    node.overlay.streams.offer('file', async () => ({
      run: async (stream) => {
        const hash = createHash('sha256')
        let bytes = 0
        for await (const part of stream.received) {
          hash.update(part)
          bytes += part.length
        }
        got.push({ bytes, sha256: hash.digest('hex') })
        await stream.end()
      },
    }))
  offer(controller)
  offer(csms)
})

afterAll(() => site.close())

it('bytes cross three hops whose links break, once and in order', async () => {
  const stream = await csms.overlay.streams.open('lc', { purpose: 'file', class: 'files', details: { name: 'x' } })
  const hash = createHash('sha256')
  const cuts = [
    () => district.overlay.routes.direct('gateway'),
    () => csms.overlay.routes.direct('gateway'),
    () => controller.overlay.routes.direct('district'),
  ]
  const chunk = new Uint8Array(512 * 1024)
  for (let sent = 0; sent < SIZE; sent += chunk.length) {
    chunk.fill((sent / chunk.length) & 255)
    hash.update(chunk)
    if (sent > 0 && sent % (SIZE / 4) === 0) cuts.pop()?.()?.close(1001, 'cut by the test')
    await stream.write(chunk)
  }
  await stream.end()
  await until(() => got.length > 0, 'the stream to end')
  expect(got).toEqual([{ bytes: SIZE, sha256: hash.digest('hex') }])
  expect(cuts).toEqual([])
})

it('who has no rule that allows it opens none, and is told why', async () => {
  const opening = controller.overlay.streams.open('csms', { purpose: 'file', class: 'files', details: {} })
  await expect(opening).rejects.toMatchObject({ code: 'refused', data: { at: 'csms', rule: 'deny-by-default' } })
  const kinds = csms.journal.read(0, 1_000).map(({ kind }) => kind)
  expect(kinds).toContain('order-refused')
  expect(controller.journal.read(0, 1_000).map(({ kind }) => kind)).toContain('order-accepted')
})
