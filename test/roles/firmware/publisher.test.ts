// PublishFirmware at a controller: what it says on the way, and each way that ends without an address.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { CALL, type Envelope, payloadOf } from '../../../src/ocpp/frame.ts'
import type { ContentExchange, Transfer } from '../../../src/overlay/files/transfer.ts'
import type { JsonObject } from '../../../src/roles/behaviours/behaviour.ts'
import { Publisher } from '../../../src/roles/firmware/publisher.ts'
import { sourceOf } from '../../overlay/files/support.ts'
import { settle } from '../../overlay/support.ts'

const FILE = Buffer.from('new firmware '.repeat(300))
const MD5 = createHash('md5').update(FILE).digest('hex')

const setUp = ({ broken = false } = {}) => {
  const source = sourceOf(FILE)
  const said: JsonObject[] = []
  const used: string[] = []
  const transfer: Transfer = {
    id: source.id,
    content: broken ? Promise.reject(new Fault('unreachable', 'nobody has it')) : Promise.resolve(source.content),
    progress: { done: 0, total: 0 },
    chunk: async (index) => (await source.read(index)) as Uint8Array,
    done: Promise.resolve(source),
    release: () => undefined,
  }
  const exchange: ContentExchange = { open: () => transfer, publish: () => () => undefined }
  const publisher = new Publisher({
    self: 'lc',
    guard: { admit: async () => undefined as never, plain: (envelope: Envelope) => envelope },
    exchange,
    door: { publish: async () => ({ url: 'http://lc/door/x', until: 0, token: 'x' }), used: async (token) => void used.push(token) },
    md5: () => {
      const hash = createHash('md5')
      return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) }
    },
    say: async (_node, payload) => void said.push(payload),
    failed: () => undefined,
  })
  const order = async (action: string, payload: JsonObject) => {
    const message = { type: CALL, id: '1', action, payload: payloadOf(payload) } as const
    const answer = await publisher.answering(action)?.({ destination: ['lc'], path: ['csms'], header: {}, message })
    await settle()
    return answer
  }
  const publish = (more: JsonObject = {}) =>
    order('PublishFirmware', { location: `chargeproof:${source.id}`, checksum: MD5, requestId: 4, ...more })
  return { order, publish, said, used, statuses: () => said.map(({ status }) => status) }
}

describe('a controller that is told to publish', () => {
  it('gets the file, holds it against the checksum, and says where it is, until it is told not to', async () => {
    const it = setUp()
    expect(await it.publish()).toEqual({ status: 'Accepted' })
    expect(it.statuses()).toEqual(['Downloading', 'Downloaded', 'ChecksumVerified', 'Published'])
    expect(it.said.at(-1)).toEqual({ status: 'Published', requestId: 4, location: ['http://lc/door/x'] })
    expect(await it.publish()).toEqual({ status: 'Rejected' })
    expect(await it.order('UnpublishFirmware', { checksum: MD5 })).toEqual({ status: 'Unpublished' })
    expect(it.used).toEqual(['x'])
    expect(await it.order('UnpublishFirmware', { checksum: MD5 })).toEqual({ status: 'NoFirmware' })
  })

  it('says so where the file is another, or does not come', async () => {
    const other = setUp()
    await other.publish({ checksum: MD5.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) })
    expect(other.statuses()).toEqual(['Downloading', 'Downloaded', 'InvalidChecksum'])
    const broken = setUp({ broken: true })
    await broken.publish()
    expect(broken.statuses()).toEqual(['Downloading', 'DownloadFailed'])
    expect(await broken.publish()).toEqual({ status: 'Accepted' })
  })

  it.each([{ location: 'http://elsewhere/f' }, { location: 'chargeproof:x' }, { checksum: 'short' }, { requestId: 'one' }])(
    'fetches from nowhere else: %j',
    async (wrong) => {
      const it = setUp()
      expect(await it.publish(wrong)).toEqual({ status: 'Rejected' })
      expect(it.said).toEqual([])
    },
  )
})
