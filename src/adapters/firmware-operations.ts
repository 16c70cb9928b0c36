// Releases and roll-outs as the management API shows them. No state of its own.
import type { Release } from '../roles/firmware/release.ts'
import type { RollOut } from '../roles/firmware/roll-out.ts'
import type { FirmwareDesk } from './firmware-desk.ts'
import type { ReleaseView, RollOutDetail, RollOutView } from './http/firmware-views.ts'
import type { Management } from './management.ts'

export const firmwareOperations = (desk: FirmwareDesk): NonNullable<Management['firmware']> => ({
  releases: async () => {
    const files = await desk.files()
    return desk.rolls.releases().map((release) => releaseView(release, files))
  },
  publish: async (signed) => releaseView(await desk.rolls.publish(signed), await desk.files()),
  putFile: async (id, file) => releaseView(await desk.putFile(id, file), await desk.files()),
  rollOuts: () => desk.rolls.all().map(rollOutView),
  rollOut: (id) => {
    const found = desk.rolls.find(id)
    return found && detailView(found)
  },
  start: async (plan) => rollOutView(await desk.rolls.start(plan)),
  command: async (id, { command, retry = false }) =>
    rollOutView(await desk.rolls.command(id, command === 'resume' ? { kind: command, retry } : { kind: command })),
  addressFor: (station, folder) => desk.addressFor(station, folder),
})

const releaseView = ({ id, vendor, model, version, bytes, sha256 }: Release, files: ReadonlySet<string>): ReleaseView => ({
  ...{ id, vendor, model, version, bytes, sha256 },
  file: files.has(sha256),
})

export const rollOutView = ({ head, rows }: RollOut): RollOutView => {
  const counts: Record<string, number> = {}
  for (const { state } of rows.values()) counts[state] = (counts[state] ?? 0) + 1
  const { plan, release, state, stage, reason } = head
  return {
    ...{ id: plan.id, release: release.id, version: release.version, state, stage: stage + 1, stages: plan.stages.length, counts },
    ...(reason !== undefined && { reason }),
  }
}

const detailView = (roll: RollOut): RollOutDetail => ({
  ...rollOutView(roll),
  stations: roll.head.plan.stations.flatMap((id) => {
    const row = roll.rows.get(id)
    if (!row) return []
    const { station, state, status, reason, heardAt } = row
    return [
      {
        ...{ station, state, heardAt: new Date(heardAt).toISOString() },
        ...(status !== undefined && { status }),
        ...(reason !== undefined && { reason }),
      },
    ]
  }),
})
