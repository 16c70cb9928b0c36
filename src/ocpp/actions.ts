// Which actions each OCPP version has: 39, 64 and 91. A row exists because its schema exists; nothing else is known of an action here.
import { schemasOf } from './schemas.ts'
import type { Version } from './version.ts'

/** Whether the action is asked with a CALL, or told with a SEND (OCPP 2.1 Part 4 §4.2.4: NotifyPeriodicEventStream only). */
export type ActionKind = 'call' | 'send'

export const actionsOf = (version: Version): readonly string[] => [...schemasOf(version).keys()]

/** Undefined for an action that the version does not have, whatever the text. */
export const actionKind = (version: Version, action: string): ActionKind | undefined => {
  const schemas = schemasOf(version).get(action)
  if (schemas === undefined) return undefined
  return schemas.response === undefined ? 'send' : 'call'
}
