// New firmware while the grid operator limits a station: a file that is changed on the last metre stops the roll-out by itself, nobody else
// gets it, and once the cable is honest the roll-out is resumed and ends; meanwhile the limit takes the same way, and is obeyed in time.
import { systemClock } from '../../../src/adapters/clock.ts'
import { nodeEngine } from '../../../src/adapters/node-crypto.ts'
import { auditOrders } from '../../../src/overlay/audit-orders.ts'
import { Journal } from '../../../src/overlay/journal.ts'
import { TrustStore } from '../../../src/overlay/trust.ts'
import { FLOOR_W } from '../events.ts'
import { limit, type OrderOutcome } from '../orders.ts'
import type { Park } from '../park.ts'
import { beginRollOut, lookAtRollOut, type RollOutAnswer, resumeRollOut } from '../rollout.ts'
import { SERIES_B } from '../vendor.ts'
import { type Scene, type Tell, until } from './scene.ts'

const BYTES = 4_000_000
const OPERATOR = 'grid-operator'
/** It charges behind the controller whose stations get the firmware. */
const CHARGING = { id: 'cs-201-a', version: 'ocpp2.0.1' } as const
const LIMIT_MS = 1_000
const MOST_MS = 10_000

export const firmwareAndLimit: Scene = async (park, tell) => {
  const before = versions(park)
  park.lastMetre.alters = true
  const { id, version, fileBytes } = await beginRollOut(park, BYTES)
  const stopped = await whenNot('running', park, id)
  park.lastMetre.alters = false
  const untouched = versions(park)
  tell({
    claim: 'firmware that is changed on the last metre is refused by the station; the roll-out stops by itself, and nobody else gets it',
    expected: `${FAILED}; all at ${before}`,
    observed: `${told(stopped)}; all at ${untouched}; ${park.lastMetre.altered} file altered`,
    ok: told(stopped) === FAILED && untouched === before && park.lastMetre.altered === 1,
  })

  await sessionAt(park)
  await resumeRollOut(park, id)
  await limitMeanwhile(park, id, tell)

  const ended = await whenNot('running', park, id)
  await until(() => versions(park) === all(version), 2_000)
  const served = park.nodes.get('csms')?.files?.exchange.figures.served ?? 0
  tell({
    claim: 'the roll-out is resumed and ends: stations of three OCPP versions boot with it, and the file left the back end once',
    expected: `done, 3 installed; all at ${all(version)}; ${fileBytes} bytes`,
    observed: `${told(ended)}; all at ${versions(park)}; ${served} bytes`,
    ok: ended.state === 'done' && ended.counts.installed === 3 && versions(park) === all(version) && served === fileBytes,
  })
}

const FAILED = `stopped, 1 failed, 2 waiting (${SERIES_B.stations[0]} failed: InvalidSignature)`

const all = (version: string): string => SERIES_B.stations.map(() => version).join(', ')
const versions = (park: Park): string => SERIES_B.stations.map((id) => park.station(id).settings.firmware).join(', ')
const told = ({ state, counts, reason }: RollOutAnswer): string =>
  `${[
    state,
    ...Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .sort(),
  ].join(', ')}${reason ? ` (${reason})` : ''}`

const whenNot = async (state: RollOutAnswer['state'], park: Park, id: string): Promise<RollOutAnswer> => {
  let found = await lookAtRollOut(park, id)
  for (const began = performance.now(); found.state === state && performance.now() - began < MOST_MS; )
    [found] = await Promise.all([lookAtRollOut(park, id), new Promise((go) => setTimeout(go, 50))])
  return found
}

const power = (park: Park): number => park.station(CHARGING.id).state[0]?.powerW ?? 0

const sessionAt = async (park: Park): Promise<void> => {
  park.station(CHARGING.id).plugIn(1)
  await park.station(CHARGING.id).present(1, 'DEADBEEF')
  await until(() => power(park) > FLOOR_W, 5_000)
}

const limitMeanwhile = async (park: Park, id: string, tell: Tell): Promise<void> => {
  const [state, from] = [(await lookAtRollOut(park, id)).state, Math.round(power(park))]
  const began = performance.now()
  const outcome = await limit(park.network(OPERATOR), CHARGING, FLOOR_W)
  await until(() => power(park) <= FLOOR_W, MOST_MS)
  const ms = Math.round(performance.now() - began)
  const after = (await lookAtRollOut(park, id)).state
  const found = limiterIn(park, outcome)
  tell({
    claim:
      "while the firmware is on its way, the grid operator's signed limit takes the same way and is obeyed in time; the audit names who limited",
    expected: `running, then running; above ${FLOOR_W} W, at most ${FLOOR_W} W within ${LIMIT_MS} ms; ${CHARGING.id}: ${LIMITER}`,
    observed: `${state}, then ${after}; ${from} W, ${Math.round(power(park))} W after ${ms} ms; ${CHARGING.id}: ${found}`,
    ok: state === 'running' && after === 'running' && from > FLOOR_W && power(park) <= FLOOR_W && ms <= LIMIT_MS && found === LIMITER,
  })
}

const LIMITER = `${FLOOR_W} W accepted, by ${OPERATOR}, verified`

/** What an auditor who knows the keys of the park finds in the journal of the station of that order. */
const limiterIn = (park: Park, { question }: OrderOutcome): string => {
  const engine = nodeEngine()
  const trust = new TrustStore(engine)
  for (const { id, role, identity } of park.nodes.values()) trust.add({ node: id, role, publicKey: identity.signer.publicKey })
  const findings: string[] = []
  const rows = new Journal({ node: CHARGING.id, store: park.store(CHARGING.id), engine, clock: systemClock }).read(0, 10_000)
  const order = auditOrders(rows, { trust, engine }, ({ code }) => findings.push(code)).find(
    ({ message }) => message?.id === question.message.id,
  )?.report
  if (!order) return 'no such order'
  const [signer] = order.by
  return `${order.limits.join(', ')} ${order.decision}, by ${signer?.node}, ${[signer?.state, ...findings].join(', ')}`
}
