// The grid operator's order is obeyed; in every way in which it can be wrong it is refused, with who refused and why.
import { FLOOR_W, LIMITED, OTHER } from '../events.ts'
import { forgedIdentity, limit, type OrderOutcome, replay } from '../orders.ts'
import { type Scene, until } from './scene.ts'

export const orderObeyed: Scene = async (park, tell) => {
  const operator = park.network('grid-operator')
  const outcome = await limit(operator, LIMITED, FLOOR_W)
  const judgements = operator.guard.judge({ ...outcome.answer, question: outcome.question })
  const signer = judgements.find(({ state }) => state === 'valid')
  const power = (): number => park.station(LIMITED.id).state[0]?.powerW ?? 0
  await until(() => power() <= FLOOR_W, 5_000)
  tell({
    claim: 'a signed order from the grid operator is obeyed, and the answer is signed',
    expected: `Accepted by ${LIMITED.id}, signed by it, power at most ${FLOOR_W} W`,
    observed: `${outcome.status ?? outcome.description} by ${outcome.at}, signed by ${signer?.state === 'valid' ? signer.key.node : 'nobody'}, power ${Math.round(power())} W`,
    ok: outcome.status === 'Accepted' && signer?.state === 'valid' && signer.key.node === LIMITED.id && power() > 0 && power() <= FLOOR_W,
  })
}

export const ordersRefused: Scene = async (park, tell) => {
  const operator = park.network('grid-operator')
  const original = await limit(operator, LIMITED, FLOOR_W)
  const meter = park.nodes.get('grid-meter')?.identity
  const attempts: readonly [string, string, () => Promise<OrderOutcome>][] = [
    [
      'from a stranger',
      'signature-unknown-key',
      () => limit(operator, LIMITED, FLOOR_W, { identity: forgedIdentity(park.dataDir, 'grid-operator') }),
    ],
    ['by a known key in another role', 'deny-by-default', () => limit(operator, LIMITED, FLOOR_W, meter ? { identity: meter } : false)],
    ['outside its role (0 W)', 'grid-limit', () => limit(operator, LIMITED, 0)],
    ['that has expired', 'signature-expired', () => limit(operator, LIMITED, FLOOR_W, { expiresInSeconds: -1 })],
    ['as a replay', 'signature-replayed', () => replay(operator, original.question)],
    ['meant for another station', 'signature-wrong-audience', () => limit(operator, LIMITED, FLOOR_W, { audience: OTHER.id })],
  ]
  const unsigned = await limit(operator, LIMITED, FLOOR_W, false)
  tell({
    claim: 'the same order with its signature taken off is refused, with who refused and why',
    expected: 'refused by csms, rule signature-present',
    observed: told(unsigned),
    ok: unsigned.at === 'csms' && unsigned.rule === 'signature-present',
  })
  for (const [how, rule, attempt] of attempts) {
    const outcome = await attempt()
    tell({
      claim: `the same order ${how} is refused, with who refused and why`,
      expected: `refused by ${LIMITED.id}, rule ${rule}`,
      observed: told(outcome),
      ok: outcome.at === LIMITED.id && outcome.rule === rule,
    })
  }
}

const told = ({ at, rule, status, description }: OrderOutcome): string =>
  rule === undefined ? `${at} answered ${status ?? description}` : `refused by ${at}, rule ${rule}`
