// The section `files` of a configuration file: the node's file space, and what it keeps for others. Who may do what with files is said by
// the policy, like who may do anything else.
import { type Static, Type } from '@sinclair/typebox'
import { DELETE_FILE, GET_FILE, LIST_FILES, SEND_FILE } from '../overlay/files/file-orders.ts'
import { ANYONE, type Rule } from '../overlay/roles.ts'
import { OPEN_STREAM } from '../overlay/streams/stream.ts'

const Megabytes = Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 16_777_216 }))

export const FilesSection = Type.Object(
  {
    /** Below the node's own folder in the data directory. */
    folder: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$' })),
    megabytes: Megabytes,
    /** Of the files of one origin. */
    originMegabytes: Megabytes,
    /** How many. */
    files: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    /** Of content that is kept for others. */
    cacheMegabytes: Megabytes,
    /** Of what is kept for one of them. */
    cacheNodeMegabytes: Megabytes,
  },
  { additionalProperties: false },
)
export type FilesSection = Static<typeof FilesSection>

const MEGABYTE = 1024 * 1024
const DEFAULTS = { folder: 'files', megabytes: 1_024, files: 10_000, cacheMegabytes: 2_048 } as const

export interface FilesLimits {
  readonly folder: string
  /** Bytes, but for `files`. */
  readonly quota: number
  readonly originQuota: number
  readonly files: number
  readonly cacheQuota: number
  readonly cacheNodeQuota: number
}

export const filesLimits = (section: FilesSection): FilesLimits => {
  const { folder, megabytes, originMegabytes, files, cacheMegabytes, cacheNodeMegabytes } = { ...DEFAULTS, ...section } as FilesSection &
    typeof DEFAULTS
  const bytes = (size: number): number => Math.floor(size * MEGABYTE)
  return {
    ...{ folder, files, quota: bytes(megabytes), cacheQuota: bytes(cacheMegabytes) },
    originQuota: bytes(originMegabytes ?? megabytes),
    cacheNodeQuota: bytes(cacheNodeMegabytes ?? cacheMegabytes),
  }
}

/** Orders that count for nothing without a name. */
const NAMED: readonly string[] = [GET_FILE, SEND_FILE, DELETE_FILE, LIST_FILES, OPEN_STREAM]

interface Sensed {
  readonly role: string
  readonly files?: FilesSection
  readonly policy?: readonly Pick<Rule, 'id' | 'role' | 'actions'>[]
}

/** What the schema cannot say: shares that are more than the whole, and files for whoever has no name. */
export const filesSense = ({ role, files, policy = [] }: Sensed): { pointer: string; text: string }[] => {
  if (!files) return []
  const { quota, originQuota, cacheQuota, cacheNodeQuota } = filesLimits(files)
  const found: { pointer: string; text: string }[] = []
  if (role === 'station') found.push({ pointer: '/files', text: 'a station is no node of the overlay: its controller keeps files for it' })
  if (originQuota > quota)
    found.push({ pointer: '/files/originMegabytes', text: 'one origin may have more than there is in all ("megabytes")' })
  if (cacheNodeQuota > cacheQuota)
    found.push({ pointer: '/files/cacheNodeMegabytes', text: 'one node may have more than there is in all ("cacheMegabytes")' })
  for (const [i, rule] of policy.entries()) {
    const action = rule.actions.find((name) => NAMED.includes(name))
    if (action !== undefined && [rule.role].flat().includes(ANYONE))
      found.push({
        pointer: `/policy/${i}`,
        text: `rule "${rule.id}" lets anyone ask for ${action}: whose files they are would be anybody's word`,
      })
  }
  return found
}
