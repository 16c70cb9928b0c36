// The signature is as hard to forge as the state of the art asks for. A weak one warns: the meter has no other, and the values are signed.
import { CURVES } from '../../crypto/curves.ts'
import type { CurveName } from '../../crypto/engine.ts'
import type { Judged } from '../trust.ts'
import type { Check, Finding } from './check.ts'

export const strength: Check = {
  id: 'strength',
  judge: ({ records }) => {
    if (!records.some(isWeak)) return []
    return [...Map.groupBy(records.filter(isWeak), weakCurve)].flatMap(([curve, such]): Finding[] => {
      if (curve === undefined) return []
      // the best attack on a curve, and on a digest cut to its order, takes the square root of the order (BSI TR-02102-1)
      const bits = Math.floor(CURVES[curve].n.toString(2).length / 2)
      return [{ state: 'warn', code: 'algorithm-weak', detail: `${curve}: about ${bits} bits of security`, records: such }]
    })
  },
}

const isWeak = (record: Judged): boolean => weakCurve(record) !== undefined

const weakCurve = ({ signature: { method } }: Judged): CurveName | undefined =>
  method !== undefined && 'curve' in method && CURVES[method.curve].strength === 'weak' ? method.curve : undefined
