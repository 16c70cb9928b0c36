// A box on the line changes meter values: the next honest node notices, and says over whom they came.
import type { Json } from '../../../src/base/ports.ts'
import { LIMITED } from '../events.ts'
import { alterEnergy } from '../tamper.ts'
import { type Scene, until } from './scene.ts'

export const alteredValueCaught: Scene = async (park, tell) => {
  const gateway = park.network('gateway')
  const before = gateway.journal.read(0, 10_000).length
  park.wire.alter = alterEnergy
  const caught = () =>
    gateway.journal
      .read(0, 10_000)
      .slice(before)
      .find(({ kind, rule }) => kind === 'message-refused' && rule === 'signature-intact')
  await until(() => caught() !== undefined, 15_000)
  park.wire.alter = undefined
  const entry = caught()
  const hop = (entry?.data as { readonly hop?: Json } | undefined)?.hop
  tell({
    claim: 'a value altered on the way is caught and its hop named',
    expected: `refused by gateway, rule signature-intact, of ${LIMITED.id}, hop lc1 > gateway`,
    observed: entry ? `refused by ${entry.node}, rule ${entry.rule}, of ${entry.subject}, hop ${hop} > gateway` : 'nobody noticed',
    ok: entry !== undefined && entry.subject === LIMITED.id && hop === 'lc1',
  })
}
