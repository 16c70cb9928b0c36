// The section `encryption` of a configuration file: what leaves encrypted, and what must come so. An empty section gives the node a key.
import { type Static, Type } from '@sinclair/typebox'
import { Fault } from '../base/fault.ts'
import { actionsNamed } from '../overlay/action-classes.ts'
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

/** What the schema cannot say: classes of actions that there are not. */
export const encryptionSense = ({ encryption = {} }: { readonly encryption?: EncryptionSection }): { pointer: string; text: string }[] => {
  const { encrypt = [], demand = [] } = encryption
  try {
    actionsNamed([...encrypt.flatMap(({ actions }) => actions), ...demand])
    return []
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [{ pointer: '/encryption', text: error.message }]
  }
}
