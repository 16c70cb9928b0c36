// A policy travels signed: one with a changed byte and one that is older are refused, and the last good one stays in force.
import type { Json } from '../../../src/base/ports.ts'
import { payloadOf, RESULT } from '../../../src/ocpp/frame.ts'
import { SET_POLICY } from '../../../src/overlay/policy-delivery.ts'
import { FLOOR_W, LIMITED } from '../events.ts'
import { signedPolicy } from '../operator.ts'
import { limit } from '../orders.ts'
import type { Scene } from './scene.ts'

/** What the new policy lets the grid operator dim to. */
const HIGHER = '6 kW'

export const policyTravels: Scene = async (park, tell) => {
  const deliver = async (document: object): Promise<string> => {
    const { answer } = await park
      .network('csms')
      .ask(LIMITED.id, SET_POLICY, payloadOf(document as Json), { ocpp: LIMITED.version, timeoutMs: 10_000 })
    const { message } = answer
    const { status, version, flaw } = (message.type === RESULT ? message.payload.value : {}) as {
      readonly [member: string]: Json | undefined
    }
    const { status: obeyed, rule } = await limit(park.network('grid-operator'), LIMITED, FLOOR_W)
    return `${flaw ?? status}, version ${version} in force, ${FLOOR_W} W ${obeyed ?? `refused by ${rule}`}`
  }
  const good = signedPolicy(park.dataDir, 2, HIGHER)
  const flipped = JSON.parse(JSON.stringify(good).replace('"6 kW"', '"0 kW"')) as object
  const found = [
    await deliver(flipped),
    await deliver(good),
    await deliver(signedPolicy(park.dataDir, 1)),
    await deliver(signedPolicy(park.dataDir, 3)),
  ]
  const wanted = [
    `broken, version 0 in force, ${FLOOR_W} W Accepted`,
    `Accepted, version 2 in force, ${FLOOR_W} W refused by grid-limit`,
    `older, version 2 in force, ${FLOOR_W} W refused by grid-limit`,
    `Accepted, version 3 in force, ${FLOOR_W} W Accepted`,
  ]
  tell({
    claim: 'a policy with one byte changed, and one that is older, are refused; the last good one stays in force, and a good one is taken',
    expected: wanted.join('; '),
    observed: found.join('; '),
    ok: found.join() === wanted.join(),
  })
}
