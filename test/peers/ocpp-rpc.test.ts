// Clients of the library ocpp-rpc, which nobody here wrote, as stations: straight at the back end, and behind a local
// controller and a gateway. Both ways they must see the same.
import { createRPCError, type IHandlersOption, RPCClient } from 'ocpp-rpc'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import type { Json } from '../../src/base/ports.ts'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'
import { listTransactions } from '../../src/roles/csms-views.ts'
import { verify } from '../../src/transparency/verify.ts'
import { type Api, apiAt } from '../support/api.ts'
import { openTrio, TOKEN, type Trio } from '../support/site.ts'
import { commandsOf, sessionOf } from './session.ts'

type Client = InstanceType<typeof RPCClient>
type JsonObject = { readonly [key: string]: Json }

let trio: Trio
let api: Api
const clients: Client[] = []

beforeAll(async () => {
  trio = await openTrio()
  api = apiAt(trio.site.port, TOKEN)
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close({ force: true })))
  await trio.site.close()
})

const connect = async (endpoint: string, identity: string, version: Version): Promise<Client> => {
  // strict mode of 2.1 is broken in ocpp-rpc 2.2.1: it looks its schemas up by names of 2.0.1
  const client = new RPCClient({ endpoint, identity, protocols: [version], strictMode: version !== 'ocpp2.1', reconnect: false } as never)
  clients.push(client)
  await client.connect()
  return client
}

/** Plays a whole session and the back end's orders; what the peer saw, and what the operator saw. */
const play = async (way: 'direct' | 'relayed', version: Version): Promise<Json[]> => {
  const station = `peer-${way}-${version}`
  const client = await connect(trio.endpoints[way], station, version)
  const transcript: Json[] = []
  let transactionId: Json = 0
  for (const { action, payload } of sessionOf(version)) {
    const text = JSON.stringify(payload)
      .replaceAll('"$transactionId"', JSON.stringify(transactionId))
      .replaceAll('$station-tx', `tx-${station}`)
    const answer = (await client.call(action, JSON.parse(text))) as JsonObject
    transactionId = answer.transactionId ?? transactionId
    transcript.push([action, answer])
  }
  for (const { action, payload, answer } of commandsOf(version)) {
    client.handle(action, async ({ params }: IHandlersOption) => {
      transcript.push(['asked', action, (params ?? {}) as Json])
      if (!answer) throw createRPCError('NotSupported', 'not this one', {})
      return answer as Record<string, Json>
    })
    transcript.push(['operator', action, await api.call(station, action, payload)])
  }
  transcript.push(['nonsense', await thrown(client, 'BootNotification', { wrong: true })])
  transcript.push(['unknown', await thrown(client, 'MakeCoffee', {})])
  const [transaction] = await api.list(`/transactions?station=${station}`)
  transcript.push(['transaction', transaction ?? null])
  return transcript
}

/** The CALLERROR's code that the far side answers with; strict mode would not let the call out. */
const thrown = (client: Client, action: string, payload: JsonObject): Promise<Json> => {
  client.reconfigure({ strictMode: false } as never)
  return client.call(action, payload).then(
    () => 'no error',
    (error: Error & { rpcErrorCode?: string }) => error.rpcErrorCode ?? error.message,
  )
}

const VOLATILE = ['currentTime', 'customData', 'transactionId', 'id', 'stationId', 'startedAt', 'endedAt', 'path']

/** Without ids and times, and without what the way alone decides: signatures of orders, and hops. */
const bare = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(bare)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([key]) => !VOLATILE.includes(key))
  return Object.fromEntries(entries.map(([key, member]) => [key, key === 'at' && typeof member === 'string' ? 'who' : bare(member)]))
}

describe.each(VERSIONS)('a peer of ocpp-rpc in %s', (version) => {
  it('sees the same at the back end and behind a controller and a gateway', async () => {
    const [direct, relayed] = await Promise.all([play('direct', version), play('relayed', version)])
    expect(bare(relayed)).toEqual(bare(direct))

    const said = new Map(direct.map((entry) => [JSON.stringify((entry as Json[]).slice(0, -1)), (entry as Json[]).at(-1) as JsonObject]))
    expect(said.get('["BootNotification"]')).toMatchObject({ status: 'Accepted', interval: 60 })
    const statuses = direct
      .filter((entry) => (entry as Json[])[0] === 'Authorize')
      .map((entry) => {
        const answer = (entry as Json[])[1] as { idTagInfo?: JsonObject; idTokenInfo?: JsonObject }
        return (answer.idTagInfo ?? answer.idTokenInfo)?.status
      })
    expect(statuses).toEqual(['Accepted', 'Blocked', 'Invalid'])
    expect(said.get('["operator","Reset"]')).toMatchObject({ status: 'error', code: 'NotSupported' })
    expect(said.get('["operator","ChangeAvailability"]')).toMatchObject({ status: 'result', payload: { status: 'Accepted' } })
    expect(said.get('["nonsense"]')).toBe(version === 'ocpp1.6' ? 'OccurenceConstraintViolation' : 'OccurrenceConstraintViolation')
    expect(said.get('["unknown"]')).toBe('NotImplemented')
    expect(said.get('["transaction"]')).toMatchObject({ state: 'ended', energyWh: '11000', signed: true, idToken: 'DEADBEEF' })
  })

  it('leaves a record that verifies, and that does not after a digit is changed', async () => {
    const station = `peer-relayed-${version}`
    const [transaction] = await api.list(`/transactions?station=${station}`)
    const response = await fetch(`http://127.0.0.1:${trio.site.port}/api/v1/transactions/${transaction?.id}/record`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    const record = await response.text()
    const judge = async (text: string): Promise<string> =>
      (await verify([{ name: 'record.xml', bytes: new TextEncoder().encode(text) }], { engine: nodeEngine() })).verdict
    // 1.6 has no place for the key beside the record, so nobody can say more than that it is missing
    expect(await judge(record)).toBe(version === 'ocpp1.6' ? 'unproven' : 'valid')
    if (version !== 'ocpp1.6') expect(await judge(record.replace(/(?<=RV&quot;:)\d/, '7'))).toBe('invalid')
  })
})

it('two clients that use one message id at one moment each get their own answer', async () => {
  const pair = await Promise.all(['twin-a', 'twin-b'].map((id) => connect(trio.endpoints.relayed, id, 'ocpp2.0.1')))
  const ask = async (client: Client, token: string): Promise<Json> => {
    const answer = new Promise<Json>((resolve) => {
      client.on('message', ({ message, outbound }: { message: string; outbound: boolean }) => {
        const [type, id, payload] = JSON.parse(String(message))
        if (!outbound && type === 3 && id === 'same-id') resolve(payload)
      })
    })
    client.sendRaw(JSON.stringify([2, 'same-id', 'Authorize', { idToken: { idToken: token, type: 'ISO14443' } }]))
    return answer
  }
  const [first, second] = await Promise.all([ask(pair[0] as Client, 'DEADBEEF'), ask(pair[1] as Client, 'BLOCKED01')])
  expect(first).toMatchObject({ idTokenInfo: { status: 'Accepted' } })
  expect(second).toMatchObject({ idTokenInfo: { status: 'Blocked' } })
})

it('fifty clients behind one controller share one socket upwards, and of 2,000 answers none goes astray', async () => {
  const { csms, gateway, controller } = trio
  const many = await Promise.all(Array.from({ length: 50 }, (_, n) => connect(trio.endpoints.relayed, `many-${n}`, 'ocpp1.6')))
  const before = gateway.overlay.routes.direct('lc')?.counters.received ?? 0
  const astray: string[] = []
  const started = await Promise.all(
    many.map(async (client, n) => {
      const start = { connectorId: 1, idTag: 'DEADBEEF', meterStart: n, timestamp: '2026-11-02T08:00:00Z' }
      const { transactionId } = (await client.call('StartTransaction', start)) as { transactionId: number }
      for (let round = 1; round < 40; round++) {
        // no two neighbours ask the same in the same round
        const [idTag, status] = QUESTIONS[(n + round) % QUESTIONS.length] as readonly [string, string]
        const answer = (await client.call('Authorize', { idTag })) as { idTagInfo: { status: string } }
        if (answer.idTagInfo.status !== status) astray.push(`many-${n} round ${round}`)
      }
      return String(transactionId)
    }),
  )
  expect(astray).toEqual([])
  const kept = many.map((_, n) => listTransactions(trio.store, `many-${n}`).map(({ id }) => id))
  expect(kept).toEqual(started.map((id) => [id]))
  expect((gateway.overlay.routes.direct('lc')?.counters.received ?? 0) - before).toBeGreaterThanOrEqual(2_000)
  expect(csms.overlay.routes.peers.map(({ id }) => id).filter((id) => !id.startsWith('peer-'))).toEqual(['gateway'])
  expect(gateway.overlay.routes.peers.map(({ id }) => id).sort()).toEqual(['csms', 'lc'])
  expect(controller.overlay.routes.peers.filter(({ kind }) => kind === 'node').map(({ id }) => id)).toEqual(['gateway'])
})

const QUESTIONS = [
  ['DEADBEEF', 'Accepted'],
  ['BLOCKED01', 'Blocked'],
  ['NOBODY', 'Invalid'],
] as const
