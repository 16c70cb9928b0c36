// The incident as a person plays it: `bin/chargeproof demo`.
import { afterAll, expect, it } from 'vitest'
import { endAll, run } from '../support/process.ts'

afterAll(endAll)

it('every claim of the incident holds, within a minute', async () => {
  const began = performance.now()
  const demo = run(['demo', '--json'])
  const late = setTimeout(() => void demo.stop('SIGKILL'), 58_000)
  const code = await demo.ended
  clearTimeout(late)
  expect([code, code === 0 ? '' : demo.out() + demo.err()]).toEqual([0, ''])
  expect(performance.now() - began).toBeLessThan(60_000)
  const claims = demo
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { claim: string; expected: string; observed: string; ok: boolean })
  expect(claims.filter(({ ok }) => !ok)).toEqual([])
  const told = claims.map(({ claim }) => claim).join('\n')
  for (const subject of [
    'three OCPP versions boot through one upstream socket',
    'metered and signed',
    'proven its key to its neighbours',
    'cut and comes back',
    'go on over the other one',
    'used again once it is back: nothing was lost, nothing came twice',
    'moves to another controller: the back end reaches it there without configuration, the old way is withdrawn',
    'signed order from the grid operator is obeyed',
    'from a stranger is refused',
    'as a replay is refused',
    'outside its role',
    'altered on the way is caught and its hop named',
    'alters an order, forges orders and reports: each is refused, and the box is named',
    'a policy with one byte changed, and one that is older, are refused; the last good one stays in force',
    'firmware that is changed on the last metre is refused by the station; the roll-out stops by itself',
    "while the firmware is on its way, the grid operator's signed limit takes the same way and is obeyed in time; the audit names who limited",
    'the roll-out is resumed and ends: stations of three OCPP versions boot with it',
    'a stolen key is revoked: an order signed with it, obeyed before, is refused by every node and every station',
    'record verifies',
    'does not after one byte is flipped',
  ])
    expect(told).toContain(subject)
}, 60_000)
