// The grid operator's key is stolen. Whoever has it is obeyed, on any way into the site, until the key is revoked; then nowhere.
import { type Envelope, payloadOf } from '../../../src/ocpp/frame.ts'
import { refusalOf } from '../../../src/overlay/error-answer.ts'
import { FLOOR_W, LIMITED, OTHER } from '../events.ts'
import { limitProfile, type Target } from '../orders.ts'
import { type Scene, until } from './scene.ts'

const THIEF_OF = 'grid-operator'
const CARRIERS = ['csms', 'gateway', 'lc1', 'lc2'] as const
const WITHIN_MS = 10_000

export const revokedKey: Scene = async (park, tell) => {
  const robbed = park.network(THIEF_OF)
  const signed = ({ id, version }: Target): Envelope =>
    robbed.guard.sealCall(robbed.overlay.compose(id, 'SetChargingProfile', payloadOf(limitProfile(version, FLOOR_W)), { ocpp: version }))
  /** The thief sits beside a station's controller: nobody but that and the station can refuse. */
  const atStation = async (station: Target, controller: string): Promise<string> => {
    const answer = await park.network(controller).overlay.ask({ ...signed(station), path: [THIEF_OF, controller] })
    const { at, rule } = refusalOf(answer)
    return `${at} ${rule ?? 'obeys'}`
  }
  const everyStation = async (): Promise<string> => [await atStation(LIMITED, 'lc1'), await atStation(OTHER, 'lc2')].join(', ')
  const before = await everyStation()

  const began = performance.now()
  await park.office.revoke([robbed.guard.kid ?? ''], 'stolen')
  await park.network('csms').keys?.publish(park.office.facts)
  const order = signed(LIMITED)
  const refusing = (): string[] =>
    CARRIERS.filter((id) =>
      park
        .network(id)
        .guard.judge(order)
        .some((judgement) => judgement.state === 'invalid' && judgement.flaw === 'key-revoked'),
    )
  await until(() => refusing().length === CARRIERS.length, WITHIN_MS)
  const wanted = [LIMITED, OTHER].map(({ id }) => `${id} signature-key-revoked`).join(', ')
  let after = await everyStation()
  while (after !== wanted && performance.now() - began < WITHIN_MS) after = await everyStation()
  const ms = Math.round(performance.now() - began)
  tell({
    claim: 'a stolen key is revoked: an order signed with it, obeyed before, is refused by every node and every station',
    expected: `${LIMITED.id} obeys, ${OTHER.id} obeys; then ${CARRIERS.join(', ')} refuse, ${wanted}; within ${WITHIN_MS} ms`,
    observed: `${before}; then ${refusing().join(', ')} refuse, ${after}; after ${ms} ms`,
    ok: before === `${LIMITED.id} obeys, ${OTHER.id} obeys` && refusing().length === CARRIERS.length && after === wanted && ms <= WITHIN_MS,
  })
}
