// A box that was let in to look at the traffic, with a key of its own, alters what it saw and says what nobody said. The next honest
// node stops it and names it; what it signs in its own name reaches the station, which refuses.
import type { Json } from '../../../src/base/ports.ts'
import { type Envelope, payloadOf } from '../../../src/ocpp/frame.ts'
import { refusalOf } from '../../../src/overlay/error-answer.ts'
import { FLOOR_W, LIMITED } from '../events.ts'
import { limit, limitProfile } from '../orders.ts'
import { type Scene, until } from './scene.ts'

const BOX = 'analytics'

export const rogueBox: Scene = async (park, tell) => {
  await park.join(`spare/${BOX}.yaml`)
  const box = park.network(BOX)
  await until(() => box.overlay.routes.hasUplink && park.network('csms').overlay.routes.place(BOX)?.online === true, 5_000)
  const { question: seen } = await limit(park.network('grid-operator'), LIMITED, FLOOR_W)
  const asked = async (envelope: Envelope): Promise<string> => {
    const { at, rule } = refusalOf(await box.overlay.ask(envelope))
    return `${at} ${rule ?? 'obeyed'}`
  }
  const bare = box.overlay.compose(LIMITED.id, 'SetChargingProfile', payloadOf(limitProfile(LIMITED.version, 99_000)), {
    ocpp: LIMITED.version,
  })
  const passed = (origin: string, envelope: Envelope): Envelope => ({ ...envelope, path: [origin, BOX] })
  const own = park.nodes.get(BOX)?.identity
  const report = {
    ...box.overlay.compose('csms', 'StatusNotification', payloadOf(STATUS), { ocpp: LIMITED.version }),
    path: [LIMITED.id, BOX],
  }
  const found = [
    await asked(
      passed('grid-operator', {
        ...seen,
        message: { ...seen.message, payload: payloadOf(limitProfile(LIMITED.version, 99_000)) } as Envelope['message'],
      }),
    ),
    await asked(passed('grid-operator', bare)),
    await asked(passed('grid-operator', box.guard.sealCall(bare, own && { identity: { ...own, node: 'grid-operator' } }))),
    await asked(report),
    await asked(box.guard.sealCall(bare)),
  ]
  const named = namedHops(park.network('gateway').journal.read(0, 10_000))
  const wanted = [
    'gateway signature-intact',
    'gateway signature-present',
    'gateway signature-intact',
    'gateway signature-present',
    `${LIMITED.id} deny-by-default`,
  ]
  tell({
    claim: 'a box on the network alters an order, forges orders and reports: each is refused, and the box is named',
    expected: `${wanted.join(', ')}; the journal names ${BOX} 4 times`,
    observed: `${found.join(', ')}; the journal names ${BOX} ${named} times`,
    ok: found.join() === wanted.join() && named === 4,
  })
}

const STATUS = { timestamp: '2026-01-01T00:00:00Z', connectorStatus: 'Faulted', evseId: 1, connectorId: 1 } as const

const namedHops = (rows: readonly { readonly kind: string; readonly data?: Json }[]): number =>
  rows.filter(({ kind, data }) => kind === 'message-refused' && (data as { readonly hop?: Json } | undefined)?.hop === BOX).length
