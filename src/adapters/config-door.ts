// The section `door` of a configuration file: how stations that know nothing but HTTP fetch and send files at this node.
import { type Static, Type } from '@sinclair/typebox'

export const DoorSection = Type.Object(
  {
    /** How stations reach a port of this node that serves `ocpp`: scheme, host and port. */
    url: Type.String({ pattern: '^https?://([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:]+\\])(:[1-9][0-9]{0,4})?$' }),
    /** How long an address counts. */
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })),
    /** Of one file that a station sends. */
    megabytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 4_096 })),
  },
  { additionalProperties: false },
)
export type DoorSection = Static<typeof DoorSection>

interface Sensed {
  readonly door?: DoorSection
  readonly files?: object
  readonly listen?: readonly { readonly serve: readonly string[] }[]
}

/** What the schema cannot say: somebody must be able to come to the door, and there must be files behind it. */
export const doorSense = ({ door, files, listen = [] }: Sensed): { pointer: string; text: string }[] => {
  if (!door) return []
  const found: { pointer: string; text: string }[] = []
  if (!listen.some(({ serve }) => serve.includes('ocpp')))
    found.push({ pointer: '/door', text: 'the door is where stations are: a port that serves ocpp' })
  if (!files) found.push({ pointer: '/door', text: 'a door needs the section "files": what is fetched and sent goes over it' })
  return found
}
