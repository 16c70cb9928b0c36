// Who may ask for what, decided over a policy of 1,000 rules: the index and compiled conditions beside the same rules read one after
// the other, with conditions read anew for each message.
import { pointerAll } from '../../src/base/json-pointer.ts'
import type { Json } from '../../src/base/ports.ts'
import { actionsOf } from '../../src/ocpp/actions.ts'
import { type Policy, PolicyBook, type Voice } from '../../src/overlay/policy.ts'
import type { Rule } from '../../src/overlay/roles.ts'
import type { Bearing, SignatureRule } from '../../src/overlay/signature-policy.ts'
import { cpuOf } from '../cpu.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'

export const policy: Part = { name: 'policy', measure: (plan) => measure(plan) }

const MOST_US = 20

const measure = async (plan: Plan): Promise<Row[]> => {
  const book = new PolicyBook(POLICY)
  const accepted = (): boolean => book.admit(ORDER, VOICES).accepted
  const refused = (): boolean => !book.admit(REFUSED, VOICES).accepted
  for (const holds of [accepted(), refused(), linear(ORDER), !linear(REFUSED)])
    if (!holds) throw new Error('the policy does not decide as it should')
  const cpu = await cpuOf({ accepted, refused, linear: () => linear(ORDER), 'linear, refused': () => linear(REFUSED) }, plan)
  const named = { part: 'policy', unit: 'µs CPU', target: { of: 'value', most: MOST_US } } as const
  return [
    row({
      ...named,
      what: 'decide over an order, 1,000 rules',
      value: cpu.accepted,
      yardstick: { what: 'a linear scan', value: cpu.linear },
    }),
    row({
      ...named,
      what: 'refuse an order, 1,000 rules',
      value: cpu.refused,
      yardstick: { what: 'a linear scan', value: cpu['linear, refused'] },
    }),
  ]
}

const ROLES = ['vendor', 'admin', 'service', 'grid', 'emp', 'driver', 'site', 'fleet', 'auditor', 'installer']
const ACTIONS = [...actionsOf('ocpp2.1')]
const PERIODS = '/chargingProfile/chargingSchedule/*/chargingSchedulePeriod/*/limit'
const GRID = ROLES.indexOf('grid')

/** Every action and role in turn; the rules that are meant for the order are the last but one and the last of their kind. */
const RULES: readonly Rule[] = [
  ...Array.from(
    { length: 980 },
    (_, i): Rule => ({
      id: `rule-${i}`,
      role: ROLES[i % ROLES.length] as string,
      actions: [ACTIONS[Math.floor(i / ROLES.length) % ACTIONS.length] as string],
      where: [{ pointer: PERIODS, min: 1_000_000 + i }],
    }),
  ),
  ...Array.from(
    { length: 20 },
    (_, i): Rule => ({
      id: `grid-${i}`,
      role: ROLES[GRID] as string,
      actions: ['SetChargingProfile'],
      where: [
        { pointer: '/chargingProfile/chargingProfilePurpose', equals: 'ChargingStationMaxProfile' },
        { pointer: PERIODS, min: 4200 + 19 - i },
      ],
    }),
  ),
]
const SIGNATURES: readonly SignatureRule[] = ACTIONS.map((action, i) => ({
  id: `sign-${i}`,
  actions: [action],
  signed: { any: ROLES.slice(0, 8) },
}))
const POLICY: Policy = { rules: RULES, signatures: SIGNATURES }

const orderOf = (limit: number): Bearing => ({
  ...{
    kind: 'call',
    action: 'SetChargingProfile',
    version: 'ocpp2.1',
    origin: 'grid',
    destination: 'cs',
    direction: 'down',
    here: 'cs',
    ends: true,
  },
  payload: {
    evseId: 0,
    chargingProfile: {
      id: 14,
      stackLevel: 3,
      chargingProfilePurpose: 'ChargingStationMaxProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] }],
    },
  },
})
/** Only the last rule accepts it. */
const ORDER = orderOf(4200)
const REFUSED = orderOf(0)
const VOICES: readonly Voice[] = [{ node: 'grid', role: 'grid', kid: 'k' }]

const linear = ({ action, payload }: Bearing): boolean =>
  RULES.some(
    ({ role, actions, where = [] }) =>
      actions.includes(action) &&
      role === 'grid' &&
      where.every(({ pointer, min, equals }) =>
        pointerAll(payload, pointer).every(
          (value: Json) => (equals === undefined || value === equals) && (min === undefined || Number(value) >= Number(min)),
        ),
      ),
  )
