// The shipped policy of six roles against two files of data, cell by cell: who may ask for which action, and with which parameters.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { inspectPolicy } from '../../src/adapters/config.ts'
import type { Json } from '../../src/base/ports.ts'
import { actionsOf } from '../../src/ocpp/actions.ts'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'
import { type Facts, PolicyBook } from '../../src/overlay/policy.ts'

const FILE = 'examples/policies/six-roles.yaml'
const SESSIONS: Readonly<Record<string, string>> = { 'T-OWN': 'DE-EMP-C0042', 'T-OTHER': 'DE-OTHER-C1' }
const FACTS: Facts = {
  sessionToken: (station, transaction) => (station === 'cs' ? SESSIONS[transaction] : undefined),
  variable: (_station, named) => (JSON.stringify(named).includes('TxUpdatedMeasurands') ? 'Voltage' : undefined),
}
const { value: policy, complaints } = inspectPolicy(FILE)
const book = new PolicyBook(policy ?? { rules: [] }, FACTS)

interface Asked {
  readonly version: Version
  readonly action: string
  readonly payload: Json
  readonly station?: string
}

const decides = (by: readonly string[], version: Version, action: string, payload: Json): string =>
  decidesAt(by, { version, action, payload })
const decidesAt = (by: readonly string[], { version, action, payload, station = 'cs' }: Asked): string => {
  const bearing = { kind: 'call', origin: 'x', destination: station, direction: 'down', here: station, ends: true } as const
  const decision = book.admit(
    { ...bearing, version, action, payload },
    by.map((role) => ({ node: role, role, kid: role })),
  )
  return decision.accepted ? `+${decision.rule.id}` : `-${decision.rule}`
}

const [header = '', ...lines] = readFileSync('test/overlay/role-matrix.txt', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const roles = header.split(/ +/).slice(2)
const rows = lines.map((line) => line.split(/ +/) as [Version, string, ...string[]])

describe('six roles', () => {
  it('are a policy without a fault', () => expect(complaints).toEqual([]))

  it('and every action of every version are in the table', () => {
    expect(roles).toEqual(['vendor', 'admin', 'service', 'grid', 'emp', 'driver'])
    const listed = rows.map(([version, action]) => `${version} ${action}`)
    expect(listed.toSorted()).toEqual(
      VERSIONS.flatMap((version) => [...actionsOf(version)].map((action) => `${version} ${action}`)).toSorted(),
    )
  })

  it.each(rows)('%s %s as declared, role by role', (version, action, ...cells) => {
    const decided = roles.map((role) => decides([role], version, action, {}))
    const declared = cells.map((cell) => (cell === '-' ? '-deny-by-default' : cell.replace(/^[?!]/, '-')))
    expect(decided).toEqual(declared)
  })

  it('may ask for nothing without a signature, and as a stranger', () => {
    for (const [version, action] of rows)
      for (const by of [[], ['stranger']]) expect(decides(by, version, action, {})).toMatch(/^-(deny-by-default|firmware-by-two)$/)
  })

  it('change firmware together only', () => {
    expect(decides(['vendor', 'admin'], 'ocpp2.1', 'UpdateFirmware', {})).toBe('+admin-operates')
    expect(decides(['vendor', 'grid'], 'ocpp2.1', 'UpdateFirmware', {})).toBe('-firmware-by-two')
  })

  const firmware = { location: 'https://fw.example/x', signature: 'MEUC', signingCertificate: '-----BEGIN' }
  const updates = [
    ['ocpp1.6', 'SignedUpdateFirmware'],
    ['ocpp2.0.1', 'UpdateFirmware'],
    ['ocpp2.1', 'UpdateFirmware'],
  ] as const

  it('change firmware alone where the order carries the manufacturer’s signature to a station that looks, as admin and nobody else', () => {
    for (const [version, action] of updates) {
      const at = (by: string, payload: Json) => decidesAt([by], { version, action, payload, station: 'cs-21-a' })
      expect(at('admin', { firmware })).toBe('+admin-operates')
      for (const by of ['vendor', 'grid', 'service']) expect(at(by, { firmware })).toBe('-firmware-signed-file')
      const { signature: _, ...unsigned } = firmware
      expect(at('admin', { firmware: unsigned })).toBe('-firmware-by-two')
    }
  })

  it('change firmware together where nobody knows that the station looks, whatever the order carries, and publish it together always', () => {
    for (const [version, action] of updates) {
      expect(decides(['admin'], version, action, { firmware })).toBe('-firmware-by-two')
      expect(decides(['admin', 'vendor'], version, action, { firmware })).toBe('+admin-operates')
    }
    for (const station of ['cs', 'cs-21-a', 'lc1']) {
      const asked = { version: 'ocpp2.1', action: 'PublishFirmware', payload: { ...firmware, firmware }, station } as const
      expect(decidesAt(['admin'], asked)).toBe('-firmware-by-two')
      expect(decidesAt(['admin', 'vendor'], asked)).toBe('+admin-operates')
    }
  })

  it('name as stations that look exactly those of the park that are told to', () => {
    const folders = ['examples/park', 'examples/park/spare']
    const files = folders.flatMap((folder) => readdirSync(folder).flatMap((name) => (name.endsWith('.yaml') ? [`${folder}/${name}`] : [])))
    const nodes = files.map((file) => parse(readFileSync(file, 'utf8')) as { node?: string; station?: { firmwareKey?: string } })
    const looking = nodes.filter(({ station }) => station?.firmwareKey !== undefined).map(({ node }) => node)
    expect(policy?.signatures?.find(({ id }) => id === 'firmware-signed-file')?.destination?.toSorted()).toEqual(looking.toSorted())
  })
})

interface Limit {
  readonly by: string
  readonly version: Version
  readonly as: string
  readonly action?: string
  readonly payload?: Json
  readonly limit?: Json
  readonly unit?: string
  readonly purpose?: string
}

/** A profile that says the limit in the second of two periods: none may be overlooked. */
const profileOf = ({ version, limit = {}, unit = 'W', purpose }: Limit): Json => {
  const schedule = {
    chargingRateUnit: unit,
    chargingSchedulePeriod: [
      { startPeriod: 0, limit: 11_000 },
      { startPeriod: 60, ...(limit as object) },
    ],
  }
  const profile = { stackLevel: 1, chargingProfileKind: 'Absolute' }
  return version === 'ocpp1.6'
    ? {
        connectorId: 0,
        csChargingProfiles: {
          ...profile,
          chargingProfileId: 14,
          chargingProfilePurpose: purpose ?? 'ChargePointMaxProfile',
          chargingSchedule: schedule,
        },
      }
    : {
        evseId: 0,
        chargingProfile: {
          ...profile,
          id: 14,
          chargingProfilePurpose: purpose ?? 'ChargingStationMaxProfile',
          chargingSchedule: [{ id: 1, ...schedule }],
        },
      }
}

const limits: Limit[] = parse(readFileSync('test/overlay/role-limits.yaml', 'utf8'))
describe('limits of parameters', () => {
  it.each(limits.map((limit) => [limit.as, limit.by, limit.action ?? `limit ${JSON.stringify(limit.limit)}`, limit] as const))(
    '%s for %s asking %s',
    (as, by, _what, limit) => {
      expect(decides([by], limit.version, limit.action ?? 'SetChargingProfile', limit.payload ?? profileOf(limit))).toBe(as)
    },
  )
})
