// Firmware for the park as its operator brings it out: over the management API of the back end, like anybody with the token.
import { randomBytes } from 'node:crypto'
import type { RollOutDetail, RollOutView } from '../../src/adapters/http/firmware-views.ts'
import { Fault } from '../../src/base/fault.ts'
import { compareVersions } from '../../src/roles/firmware/version.ts'
import type { Site } from './site.ts'
import { makeRelease, SERIES_B } from './vendor.ts'

export type RollOutAnswer = RollOutDetail

/** Signs, publishes and begins: to one station first, then to the others. */
export const beginRollOut = async (site: Site, bytes: number): Promise<RollOutView & { readonly fileBytes: number }> => {
  const version = nextVersion(site)
  const id = `series-b-${version}`
  const { signed, file } = makeRelease(site.dataDir, { id, model: SERIES_B.model, version }, randomBytes(bytes))
  await ask(site, 'POST', '/firmware/releases', signed)
  await ask(site, 'PUT', `/firmware/releases/${id}/file`, file)
  const plan = { id, release: id, stations: SERIES_B.stations, stages: [1, 'all'] }
  return { ...(await ask<RollOutView>(site, 'POST', '/firmware/roll-outs', plan)), fileBytes: file.length }
}

/** Goes on, and tries again what failed. */
export const resumeRollOut = (site: Site, id: string): Promise<RollOutView> =>
  ask(site, 'POST', `/firmware/roll-outs/${id}/commands`, { command: 'resume', retry: true })

export const lookAtRollOut = (site: Site, id: string): Promise<RollOutAnswer> => ask(site, 'GET', `/firmware/roll-outs/${id}`)

export const rollOuts = (site: Site): Promise<RollOutView[]> => ask(site, 'GET', '/firmware/roll-outs')

/** Newer than what any of the stations has. */
const nextVersion = (site: Site): string => {
  const versions = SERIES_B.stations.map((id) => site.stations.find(({ settings }) => settings.id === id)?.settings.firmware ?? '1.0')
  const [newest = '1.0'] = versions.toSorted(compareVersions).reverse()
  const [major = '1', minor = '0'] = newest.split('.')
  return `${major}.${Number(minor) + 1}`
}

const ask = async <Answer>(site: Site, method: string, path: string, body?: object): Promise<Answer> => {
  const bytes = body instanceof Uint8Array
  const answer = await fetch(new URL(`/api/v1${path}`, site.url), {
    method,
    headers: {
      authorization: `Bearer ${site.token}`,
      ...(body && { 'content-type': bytes ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body && { body: bytes ? Buffer.from(body) : JSON.stringify(body) }),
  })
  const said = (await answer.json()) as Answer & { readonly detail?: string }
  if (!answer.ok) throw new Fault('refused', said.detail ?? `the back end answered ${answer.status}`)
  return said
}
