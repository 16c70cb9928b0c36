// A reading that the meter signs for a session: what it says of the user, and where in the session it stands.
import type { Meter } from '../meter.ts'
import { isCardSerial, type Sample, type SampleContext, type UserAssignment } from './terms.ts'

/** Uses up a number of the meter's: what depends on it must reach the disk together with `meter.changes()`. */
export const signedSample = (meter: Meter, context: SampleContext, user: UserAssignment): Sample => {
  const idType = isCardSerial(user.token) ? 'ISO14443' : 'CENTRAL'
  const tx = PLACES[context]
  const reading = meter.signedReading({ tx, idType, id: user.token, level: user.level, flags: user.flags })
  const { time, energyWh, powerW, text, method, publicKeyHex } = reading
  return { time, context, energyWh, ...(tx === 'C' && { powerW }), signed: { text, method, publicKeyHex } }
}

/** OCMF 1.0 table 7 */
const PLACES = { 'Transaction.Begin': 'B', 'Transaction.End': 'E', 'Sample.Periodic': 'C', Trigger: 'C' } as const satisfies Record<
  SampleContext,
  string
>
