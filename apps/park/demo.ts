// The incident: one scripted minute over the production code paths. Each claim says what is expected, looks at what the
// nodes themselves keep (stores, journals, routes), and holds or does not.
import type { Park } from './park.ts'
import { alteredValueCaught } from './scenes/alter.ts'
import { bootedThroughOneSocket, neighboursProven, sessionsBegin } from './scenes/begin.ts'
import { cutAndMended } from './scenes/cut.ts'
import { failover } from './scenes/failover.ts'
import { firmwareAndLimit } from './scenes/firmware.ts'
import { stationMoves } from './scenes/move.ts'
import { orderObeyed, ordersRefused } from './scenes/orders.ts'
import { policyTravels } from './scenes/policy.ts'
import { recordVerifies } from './scenes/record.ts'
import { revokedKey } from './scenes/revoked.ts'
import { rogueBox } from './scenes/rogue.ts'
import type { Claim, Scene, Tell } from './scenes/scene.ts'

/** One act after the other. Scenes of one act touch nothing of each other, and play at the same time. */
const ACTS: readonly (readonly Scene[])[] = [
  [bootedThroughOneSocket],
  [neighboursProven],
  [sessionsBegin],
  [cutAndMended, failover],
  [stationMoves],
  [orderObeyed],
  [ordersRefused],
  [alteredValueCaught],
  [rogueBox],
  [policyTravels],
  [recordVerifies],
  [firmwareAndLimit],
  // the last: the grid operator has no key any more
  [revokedKey],
]

/** Plays the incident in a park that has just started; the claims of a scene are told once it is over, in the order of the list. */
export const playIncident = async (park: Park, told: Tell): Promise<boolean> => {
  let all = true
  for (const act of ACTS) {
    for (const claims of await Promise.all(act.map((scene) => claimsOf(scene, park))))
      for (const claim of claims) {
        all &&= claim.ok
        told(claim)
      }
  }
  return all
}

const claimsOf = async (scene: Scene, park: Park): Promise<Claim[]> => {
  const claims: Claim[] = []
  await scene(park, (claim) => claims.push(claim))
  return claims
}
