// A station's connection to a foreign back end as that back end sees it: its path, its version, whose password; and how it is refused.
import { afterEach, expect, it } from 'vitest'
import type { StationUpgrade } from '../../src/adapters/admission.ts'
import { foreignDoor, foreignSettings } from '../../src/adapters/foreign-door.ts'
import type { Fault } from '../../src/base/fault.ts'
import type { Link } from '../../src/base/ports.ts'
import type { PlainStation } from '../../src/roles/foreign-door.ts'
import { type Endpoint, listen } from './endpoint.ts'

let endpoint: Endpoint | undefined
afterEach(async () => {
  await endpoint?.close()
  endpoint = undefined
})

const PASSWORD = new Uint8Array([0x3a, 0x00, 0xff])
const station: PlainStation = { id: 'CS|1', version: 'ocpp1.6', password: PASSWORD }

const open = async (admitted: boolean) => {
  const upgrades: StationUpgrade[] = []
  endpoint = await listen({
    handlers: {
      admitStation(upgrade) {
        upgrades.push(upgrade)
        return admitted ? { ok: true } : { ok: false, status: 404, reason: 'unknown' }
      },
    },
  })
  return { upgrades, url: `ws://127.0.0.1:${endpoint.port}/ocpp` }
}
const dial = (door: ReturnType<typeof foreignDoor>): Promise<Link | Fault> => new Promise((up) => door.dial(station, { up, failed: up }))

it.each([
  [{ passPassword: true }, PASSWORD],
  [{ password: 'of all stations' }, new TextEncoder().encode('of all stations')],
  [{}, undefined],
])('dials as the station, with %j', async (extra, password) => {
  const { upgrades, url } = await open(true)
  const link = (await dial(foreignDoor({ node: 'csms', url, mode: 'standard', ...extra }))) as Link
  expect(upgrades).toMatchObject([{ stationId: 'CS|1', offered: ['ocpp1.6'], ...(password && { user: 'CS|1' }) }])
  expect(upgrades[0]?.password).toEqual(password)
  link.close(1000, '')
})

it('tells a refusal with its status, and nothing once it was given up', async () => {
  const { url } = await open(false)
  const door = foreignDoor({ node: 'csms', url, mode: 'standard' })
  expect(await dial(door)).toMatchObject({ code: 'refused', data: { status: 404 } })
  const told: unknown[] = []
  door.dial(station, { up: (link) => told.push(link), failed: (fault) => told.push(fault) })()
  await dial(door)
  expect(told).toEqual([])
})

it('takes from the uplinks what is foreign', () => {
  const url = 'ws://127.0.0.1:1/ocpp'
  const found = foreignSettings([
    { node: 'gw', url },
    { node: 'csms', url, mode: 'standard' },
    { node: 'm', url, mode: 'mirror', outbox: 5 },
  ])
  expect([found.standard?.door.name, found.standard?.validate]).toEqual(['csms', 'strict'])
  expect(found.mirrors.map(({ door, outbox }) => [door.name, outbox])).toEqual([['m', 5]])
  expect(foreignSettings([{ node: 'gw', url }])).toEqual({ mirrors: [] })
})
