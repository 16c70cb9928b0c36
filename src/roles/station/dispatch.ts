// From an admitted CALL to its answer: the action's row in the vocabulary, or the error for one that is not there.
import type { Json } from '../../base/ports.ts'
import { actionKind } from '../../ocpp/actions.ts'
import type { Answer } from '../../ocpp/connection.ts'
import { spelled } from '../../ocpp/error-code.ts'
import { type Call, ERROR, payloadOf, RESULT } from '../../ocpp/frame.ts'
import type { Site } from './site.ts'
import type { Command } from './vocabulary.ts'

export const dispatch = async (call: Call, commands: Readonly<Record<string, Command>>, site: Site): Promise<Answer> => {
  const { id, action, payload } = call
  const { version } = site.settings
  const run = Object.hasOwn(commands, action) ? commands[action] : undefined
  if (run !== undefined) return { type: RESULT, id, payload: payloadOf((await run(payload.value as object, site)) as Json) }
  // OCPP 2.1 Part 4 §4.3: NotImplemented is for what nobody knows, NotSupported for what this station cannot do
  const known = actionKind(version, action) !== undefined
  const code = spelled(version, known ? 'NotSupported' : 'NotImplemented')
  return { type: ERROR, id, code, description: known ? 'this station cannot do that' : 'the action is not known', details: payloadOf({}) }
}
