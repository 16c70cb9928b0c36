// A box that was let in to look at the traffic, with a key of its own, alters what it saw and says what nobody said. The next honest
// node stops it and names it; what it signs in its own name reaches the station, which refuses.
import type { Json } from '../../../src/base/ports.ts'
import { type Envelope, payloadOf } from '../../../src/ocpp/frame.ts'
import { refusalOf } from '../../../src/overlay/error-answer.ts'
import type { Identity } from '../../../src/overlay/signature.ts'
import type { NetworkNode } from '../../../src/roles/network-node.ts'
import { FLOOR_W, LIMITED } from '../events.ts'
import { limit, limitProfile } from '../orders.ts'
import { type Scene, until } from './scene.ts'

const BOX = 'analytics'
const OPERATOR = 'grid-operator'

export const rogueBox: Scene = async (park, tell) => {
  await park.join(`spare/${BOX}.yaml`)
  const box = park.network(BOX)
  await until(() => box.overlay.routes.hasUplink && park.network('csms').overlay.routes.place(BOX)?.online === true, 5_000)
  const { question: seen } = await limit(park.network(OPERATOR), LIMITED, FLOOR_W)
  const own = park.nodes.get(BOX)?.identity
  const found: string[] = []
  for (const said of own ? lies(box, seen, own) : []) {
    const { at, rule } = refusalOf(await box.overlay.ask(said))
    found.push(`${at} ${rule ?? 'obeyed'}`)
  }
  const named = namedHops(park.network('gateway').journal.read(0, 10_000))
  tell({
    claim: 'a box on the network alters an order, forges orders and reports: each is refused, and the box is named',
    expected: `${WANTED.join(', ')}; the journal names ${BOX} 4 times`,
    observed: `${found.join(', ')}; the journal names ${BOX} ${named} times`,
    ok: found.join() === WANTED.join() && named === 4,
  })
}

const WANTED = [
  'gateway signature-intact',
  'gateway signature-present',
  'gateway signature-intact',
  'gateway signature-present',
  `${LIMITED.id} deny-by-default`,
] as const

/** An order that it saw with another limit; one of its own in the operator's name, unsigned and signed; a report; one in its own name. */
const lies = (box: NetworkNode, seen: Envelope, own: Identity): Envelope[] => {
  const { id, version: ocpp } = LIMITED
  const payload = payloadOf(limitProfile(ocpp, 99_000))
  const bare = box.overlay.compose(id, 'SetChargingProfile', payload, { ocpp })
  const passed = (origin: string, envelope: Envelope): Envelope => ({ ...envelope, path: [origin, BOX] })
  return [
    passed(OPERATOR, { ...seen, message: { ...seen.message, payload } as Envelope['message'] }),
    passed(OPERATOR, bare),
    passed(OPERATOR, box.guard.sealCall(bare, { identity: { ...own, node: OPERATOR } })),
    passed(id, box.overlay.compose('csms', 'StatusNotification', payloadOf(STATUS), { ocpp })),
    box.guard.sealCall(bare),
  ]
}

const STATUS = { timestamp: '2026-01-01T00:00:00Z', connectorStatus: 'Faulted', evseId: 1, connectorId: 1 } as const

const namedHops = (rows: readonly { readonly kind: string; readonly data?: Json }[]): number =>
  rows.filter(({ kind, data }) => kind === 'message-refused' && (data as { readonly hop?: Json } | undefined)?.hop === BOX).length
