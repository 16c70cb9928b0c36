// The section `encryption` of a configuration file: what leaves encrypted, and what must come so. An empty section gives the node a key.
import { type Static, Type } from '@sinclair/typebox'
import { Fault } from '../base/fault.ts'
import { actionsNamed } from '../overlay/action-classes.ts'
import { DELETE_FILE, FILE_PROGRESS, GET_FILE, LIST_FILES, SEND_FILE } from '../overlay/files/file-orders.ts'
import { JOURNAL_NOTE } from '../roles/journal-notes.ts'
import { LINK_REPORT } from '../roles/link-reports.ts'
import { NodeId } from './config-links.ts'

const strict = { additionalProperties: false }
const Actions = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1 })
const Readers = Type.Array(Type.Union([NodeId, Type.Literal('*')]), { minItems: 1 })

export const EncryptionSection = Type.Object(
  {
    encrypt: Type.Optional(Type.Array(Type.Object({ actions: Actions, to: Readers }, strict))),
    demand: Type.Optional(Actions),
  },
  strict,
)
export type EncryptionSection = Static<typeof EncryptionSection>

/** Of the network's own messages those that are for one node; all others are read, or made, by each node on the way. */
const OWN: readonly string[] = [GET_FILE, SEND_FILE, DELETE_FILE, LIST_FILES, FILE_PROGRESS, JOURNAL_NOTE, LINK_REPORT]

/** What a station of OCPP 2.1 sends and nobody answers: plain OCPP has no SEND that could carry a ciphertext (docs/protocol.md §4.12). */
const SENT_BY_STATIONS = 'NotifyPeriodicEventStream'

/** What the schema cannot say: classes of actions that there are not, messages of the network that are for everybody, and SENDs of stations. */
export const encryptionSense = ({
  encryption = {},
  role,
}: {
  readonly encryption?: EncryptionSection
  readonly role?: string
}): { pointer: string; text: string }[] => {
  const { encrypt = [], demand = [] } = encryption
  try {
    const hidden = actionsNamed(encrypt.flatMap(({ actions }) => actions))
    if (role === 'station' && hidden.includes(SENT_BY_STATIONS))
      return [{ pointer: '/encryption', text: `${SENT_BY_STATIONS} of a station cannot be encrypted: it leaves in clear` }]
    const named = [...hidden, ...actionsNamed(demand)]
    const open = named.find((action) => action.startsWith('org.chargeproof.') && !OWN.includes(action))
    return open === undefined ? [] : [{ pointer: '/encryption', text: `${open} cannot be encrypted: nodes on the way have to read it` }]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [{ pointer: '/encryption', text: error.message }]
  }
}
