// One station in a roll-out: what is known of it, and what its word makes of that.
import type { Release } from './release.ts'
import { FIRMWARE_STATUS, type FirmwareStatus } from './status.ts'
import { compareVersions } from './version.ts'

/**
 * `ordering`: written down before the order left; `unknown`: its answer was lost, so the station is asked and nothing is repeated.
 * `ordered`: taken; what it says of itself since is in `status`. `skipped`: not for it.
 */
export type StationState = 'waiting' | 'ordering' | 'unknown' | 'ordered' | 'installed' | 'failed' | 'skipped' | 'withdrawn'

export interface StationRow {
  readonly station: string
  readonly state: StationState
  /** Of the order, the same until it is known that it was not obeyed. */
  readonly requestId?: number
  readonly status?: FirmwareStatus
  /** When a question about its order last left. */
  readonly askedAt?: number
  /** When it was last heard of, or given its order. */
  readonly heardAt: number
  readonly attempts: number
  readonly reason?: string
  /** Counted against no stage any more: somebody resumed in spite of it. */
  readonly excused?: boolean
}

/** What the back end knows of a station. */
export interface StationFacts {
  readonly vendor: string
  readonly model: string
  readonly firmware?: string | undefined
  readonly online: boolean
}

/** What is heard of a station. */
export type Word =
  /** What came of its order: `taken`, `refused` with the station's word, `lost` where nobody knows. */
  | { readonly kind: 'answer'; readonly station: string; readonly outcome: 'taken' | 'refused' | 'lost'; readonly why?: string }
  | { readonly kind: 'status'; readonly station: string; readonly status: FirmwareStatus; readonly requestId?: number | undefined }
  | { readonly kind: 'boot'; readonly station: string; readonly firmware: string | undefined }

/** A repeated order is the last one after so many that the station says it never had. */
const MOST_ATTEMPTS = 3
export const isFinal = ({ state }: StationRow): boolean => FINAL.has(state)
const FINAL: ReadonlySet<StationState> = new Set<StationState>(['installed', 'failed', 'skipped', 'withdrawn'])
export const isUnderWay = ({ state }: StationRow): boolean => UNDER_WAY.has(state)
const UNDER_WAY: ReadonlySet<StationState> = new Set<StationState>(['ordering', 'unknown', 'ordered'])

/** What a station's word makes of its row. */
export const heard = (row: StationRow, word: Word, release: Release, now: number): StationRow => {
  const fresh = { ...row, heardAt: now }
  switch (word.kind) {
    case 'answer':
      return row.state === 'ordering' ? answered(fresh, word) : row
    case 'boot':
      return booted(fresh, word.firmware, release)
    case 'status':
      return reported(fresh, word)
  }
}

const answered = (row: StationRow, { outcome, why }: Extract<Word, { kind: 'answer' }>): StationRow => {
  if (outcome === 'taken') return { ...row, state: 'ordered' }
  if (outcome === 'lost') return { ...row, state: 'unknown' }
  return failed(row, why ?? 'refused')
}

/** The one proof: the station comes back and says that it is the new version. */
const booted = (row: StationRow, firmware: string | undefined, release: Release): StationRow => {
  // also of one that was given up for silent: what counts is what is
  if (firmware === release.version && row.requestId !== undefined) return { ...row, state: 'installed' }
  if (!isUnderWay(row)) return row
  return row.status === 'Installed' ? failed(row, `booted as ${firmware ?? 'nothing'}`) : row
}

/** 1.6 does not say which order it speaks of; 2.x does, and the word on another order is none on this. */
const reported = (row: StationRow, { status, requestId }: Extract<Word, { kind: 'status' }>): StationRow => {
  if (!isUnderWay(row)) return row
  if (FIRMWARE_STATUS[status] === 'idle') return row.state === 'unknown' ? notObeyed(row) : row
  if (requestId !== undefined && requestId !== row.requestId) return row
  if (FIRMWARE_STATUS[status] === 'failed') return failed({ ...row, status }, status)
  return { ...row, state: 'ordered', status }
}

/** It has no such order, so another one does nothing twice; the number stays, for the case that the first one is still under way. */
const notObeyed = (row: StationRow): StationRow =>
  row.attempts >= MOST_ATTEMPTS ? failed(row, 'the order never reaches it') : { ...row, state: 'waiting' }

export const failed = (row: StationRow, reason: string): StationRow => ({ ...row, state: 'failed', reason })

/** Why a release is not for a station, or nothing. */
export const unfit = (release: Release, facts: Pick<StationFacts, 'vendor' | 'model' | 'firmware'>): string | undefined => {
  const { vendor, model, firmware } = facts
  if (vendor !== release.vendor || model !== release.model) return `it is a ${vendor} ${model}`
  if (firmware === undefined) return undefined
  const order = compareVersions(release.version, firmware)
  if (firmware === release.version) return `it has ${firmware}`
  if (order < 0 && !release.rollback) return `it has ${firmware}, which is newer`
  return release.from !== undefined && compareVersions(firmware, release.from) < 0
    ? `it has ${firmware}, and needs ${release.from} first`
    : undefined
}
