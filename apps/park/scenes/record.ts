// What a driver gets in the end: a record that anybody can verify, and nobody can change unseen.
import { nodeEngine } from '../../../src/adapters/node-crypto.ts'
import { utf8 } from '../../../src/base/bytes.ts'
import { getTransaction } from '../../../src/roles/csms-views.ts'
import { transparencyRecord } from '../../../src/roles/record.ts'
import { verify } from '../../../src/transparency/verify.ts'
import { type Scene, sessionsOf } from './scene.ts'

export const recordVerifies: Scene = async (park, tell) => {
  const ended = sessionsOf(park)
    .map(({ id }) => getTransaction(park.store('csms'), id))
    .find((transaction) => transaction?.state === 'ended')
  const record = ended && transparencyRecord(ended)
  const body = record?.body ?? ''
  const good = await verify([{ name: 'record.xml', bytes: utf8(body) }], { engine: nodeEngine() })
  const energy = good.sessions[0]?.energyWh ?? 'no'
  tell({
    claim: "the session's record verifies",
    expected: 'valid, one session with energy',
    observed: `${good.verdict}, ${good.sessions.length} session, ${energy} Wh`,
    ok: good.verdict === 'valid' && good.sessions.length === 1 && Number(energy) > 0,
  })
  // the reading's first digit; in XML its name stands between escaped quotation marks
  const at = body.search(/(?<=RV(?:"|&quot;):)[0-9]/)
  const flipped = `${body.slice(0, at)}${body[at] === '9' ? '8' : '9'}${body.slice(at + 1)}`
  const bad = await verify([{ name: 'record.xml', bytes: utf8(flipped) }], { engine: nodeEngine() })
  const state = bad.sessions[0]?.records.find(({ signature }) => signature.state !== 'valid')?.signature.state ?? 'none'
  tell({
    claim: 'and does not after one byte is flipped',
    expected: 'invalid, signature invalid',
    observed: `${bad.verdict}, signature ${state}`,
    ok: at > 0 && flipped !== body && bad.verdict === 'invalid' && state === 'invalid',
  })
}
