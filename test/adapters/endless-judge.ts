// A program for replay-kill.test.ts: obeys orders with the store in argv[2] until it is killed, several at a time. It says `= key` of who gives
// them, `~ frame` of one that is still on its way, `? frame` before each, and `! id` only after it was admitted. Who gives them has a clock that is
// ahead, so that no time of theirs is before a restart.
import { openStore } from '../../src/adapters/sqlite-store.ts'
import { type Envelope, payloadOf, writeEnvelope } from '../../src/ocpp/frame.ts'
import { spkiText } from '../../src/overlay/key-document.ts'
import { callOf, keysOf, makeGuard, virtualClock } from '../overlay/support.ts'

const AHEAD_MS = 20_000
const keys = keysOf({ grid: 'grid-operator' })
const { guard: grid } = makeGuard(virtualClock(Date.now() + AHEAD_MS), 'grid', { trust: keys.trust, identity: keys.identity('grid') })
const { guard } = makeGuard(virtualClock(Date.now()), 'cs', { trust: keys.trust, store: openStore(process.argv[2] ?? '') })

const order = (id: string): Envelope =>
  grid.sealCall(callOf({ from: 'grid', to: 'cs' }, { id, action: 'SetLimit', payload: payloadOf({ limit: 5_000 }) }))
const say = (what: string): unknown => process.stdout.write(`${what}\n`)
const obey = async (n: number): Promise<void> => {
  const given = order(`m${n}`)
  say(`? ${writeEnvelope(given)}`)
  await guard.admit(given, 'cs')
  say(`! m${n}`)
}

say(`= ${spkiText(keys.identity('grid').signer.publicKey)}`)
say(`~ ${writeEnvelope(order('late'))}`)

for (let n = 0; ; n += 3) await Promise.all([obey(n), obey(n + 1), obey(n + 2)])
