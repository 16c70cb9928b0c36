// The incident: one scripted minute over the production code paths. Each claim says what is expected, looks at what the
// nodes themselves keep (stores, journals, routes), and holds or does not.

import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import { getEvents, getTransaction, listTransactions, type TransactionView } from '../../src/roles/csms-views.ts'
import { transparencyRecord } from '../../src/roles/record.ts'
import { verify } from '../../src/transparency/verify.ts'
import { FLOOR_W, LIMITED, OTHER } from './events.ts'
import { forgedIdentity, limit, type OrderOutcome, replay } from './orders.ts'
import type { Park } from './park.ts'
import { alterEnergy } from './tamper.ts'

export interface Claim {
  readonly claim: string
  readonly expected: string
  readonly observed: string
  readonly ok: boolean
}

type Told = (claim: Claim) => void

/** Plays the incident in a park that has just started; every claim is told as soon as it is decided. */
export const playIncident = async (park: Park, told: Told): Promise<boolean> => {
  let all = true
  const tell: Told = (claim) => {
    all &&= claim.ok
    told(claim)
  }
  await bootedThroughOneSocket(park, tell)
  const sessions = await sessionsBegin(park, tell)
  await cutAndMended(park, sessions, tell)
  await orderObeyed(park, tell)
  await ordersRefused(park, tell)
  await alteredValueCaught(park, tell)
  await recordVerifies(park, sessions, tell)
  return all
}

const VERSIONS_WANTED = 'ocpp1.6, ocpp2.0.1, ocpp2.1'

const bootedThroughOneSocket = async (park: Park, tell: Told): Promise<void> => {
  const { routes } = park.network('csms').overlay
  const behind = routes.places().filter(({ role, online, path }) => role === 'station' && online && path[0] === 'gateway')
  const versions = [...new Set(behind.map(({ protocol }) => protocol))].sort().join(', ')
  const sockets = routes.peers.filter(({ id }) => id !== 'grid-operator').length
  tell({
    claim: 'stations of three OCPP versions boot through one upstream socket',
    expected: `6 stations, ${VERSIONS_WANTED}, 1 socket`,
    observed: `${behind.length} stations, ${versions}, ${sockets} socket${sockets === 1 ? '' : 's'}`,
    ok: behind.length === 6 && versions === VERSIONS_WANTED && sockets === 1,
  })
}

/** The stations at lc1, one of each version: all of them charge during the incident. */
const CHARGING = ['cs-16-a', 'cs-201-a', 'cs-21-a']

const sessionsBegin = async (park: Park, tell: Told): Promise<readonly string[]> => {
  for (const id of CHARGING) {
    park.station(id).plugIn(1)
    await park.station(id).present(1, 'DEADBEEF')
  }
  const csms = park.store('csms')
  const sessions = (): TransactionView[] => CHARGING.flatMap((id) => listTransactions(csms, id))
  const signed = (): number => sessions().filter(({ id }) => (getTransaction(csms, id)?.signedRecords.length ?? 0) > 0).length
  const metered = (): number => sessions().filter(({ energyWh }) => Number(energyWh ?? 0) > 0).length
  // an OCPP 1.6 station sends its signed records when the session ends (transactionData)
  await until(() => metered() === 3 && signed() >= 2, 15_000)
  tell({
    claim: 'a session is metered and signed, in each OCPP version',
    expected: '3 sessions with energy, begin signed in the two of OCPP 2.x',
    observed: `${sessions()
      .map(({ stationId, energyWh }) => `${stationId} ${energyWh} Wh`)
      .join(', ')}, ${signed()} signed`,
    ok: metered() === 3 && signed() === 2,
  })
  return sessions().map(({ id }) => id)
}

const cutAndMended = async (park: Park, sessions: readonly string[], tell: Told): Promise<void> => {
  const controller = park.network('lc1')
  park.wire.cut()
  await until(() => !controller.overlay.routes.hasUplink, 5_000)
  await until(() => (controller.autonomy?.waiting ?? 0) >= 6, 15_000)
  // one session ends while nobody upstream can hear it
  await park.station('cs-201-a').present(1, 'DEADBEEF')
  park.station('cs-201-a').unplug(1)
  await until(() => park.station('cs-201-a').state[0]?.transactionId === undefined && park.station('cs-201-a').queued === 0, 5_000)
  const kept = controller.autonomy?.waiting ?? 0
  park.wire.restore()
  await until(() => controller.overlay.routes.hasUplink && controller.autonomy?.waiting === 0, 15_000)
  const ended = sessions.find((id) => getTransaction(park.store('csms'), id)?.stationId === 'cs-201-a') ?? ''
  await until(() => getTransaction(park.store('csms'), ended)?.state === 'ended', 5_000)
  const { lost, doubled, events } = countEvents(park, ended)
  tell({
    claim: 'the upstream is cut and comes back: nothing is lost, nothing comes twice',
    expected: 'messages kept on disk, 0 events lost, 0 doubled, session ended',
    observed: `${kept} kept, ${events} events, ${lost} lost, ${doubled} doubled, session ${getTransaction(park.store('csms'), ended)?.state}`,
    ok: kept > 0 && events > 0 && lost === 0 && doubled === 0 && getTransaction(park.store('csms'), ended)?.state === 'ended',
  })
}

/** OCPP 2.x numbers the events of a transaction from 0 without a gap (E01.FR.07), so what is missing or double shows. */
const countEvents = (park: Park, id: string): { events: number; lost: number; doubled: number } => {
  const numbers = getEvents(park.store('csms'), id).map(({ seqNo }) => Number(seqNo))
  const distinct = new Set(numbers)
  const highest = Math.max(-1, ...numbers)
  return { events: numbers.length, lost: highest + 1 - distinct.size, doubled: numbers.length - distinct.size }
}

const orderObeyed = async (park: Park, tell: Told): Promise<void> => {
  const operator = park.network('grid-operator')
  const outcome = await limit(operator, LIMITED, FLOOR_W)
  const judgements = operator.guard.judge({ ...outcome.answer, question: outcome.question })
  const signer = judgements.find(({ state }) => state === 'valid')
  const power = (): number => park.station(LIMITED.id).state[0]?.powerW ?? 0
  await until(() => power() <= FLOOR_W, 5_000)
  tell({
    claim: 'a signed order from the grid operator is obeyed, and the answer is signed',
    expected: `Accepted by ${LIMITED.id}, signed by it, power at most ${FLOOR_W} W`,
    observed: `${outcome.status ?? outcome.description} by ${outcome.at}, signed by ${signer?.state === 'valid' ? signer.key.node : 'nobody'}, power ${Math.round(power())} W`,
    ok: outcome.status === 'Accepted' && signer?.state === 'valid' && signer.key.node === LIMITED.id && power() > 0 && power() <= FLOOR_W,
  })
}

const ordersRefused = async (park: Park, tell: Told): Promise<void> => {
  const operator = park.network('grid-operator')
  const original = await limit(operator, LIMITED, FLOOR_W)
  const meter = park.nodes.get('grid-meter')?.identity
  const attempts: readonly [string, string, () => Promise<OrderOutcome>][] = [
    [
      'from a stranger',
      'signature-unknown-key',
      () => limit(operator, LIMITED, FLOOR_W, { identity: forgedIdentity(park.dataDir, 'grid-operator') }),
    ],
    ['by a known key in another role', 'deny-by-default', () => limit(operator, LIMITED, FLOOR_W, meter ? { identity: meter } : false)],
    ['outside its role (0 W)', 'grid-limit', () => limit(operator, LIMITED, 0)],
    ['that has expired', 'signature-expired', () => limit(operator, LIMITED, FLOOR_W, { expiresInSeconds: -1 })],
    ['as a replay', 'signature-replayed', () => replay(operator, original.question)],
    ['meant for another station', 'signature-wrong-audience', () => limit(operator, LIMITED, FLOOR_W, { audience: OTHER.id })],
  ]
  const unsigned = await limit(operator, LIMITED, FLOOR_W, false)
  tell({
    claim: 'the same order with its signature taken off is refused, with who refused and why',
    expected: 'refused by csms, rule signature-present',
    observed: told(unsigned),
    ok: unsigned.at === 'csms' && unsigned.rule === 'signature-present',
  })
  for (const [how, rule, attempt] of attempts) {
    const outcome = await attempt()
    tell({
      claim: `the same order ${how} is refused, with who refused and why`,
      expected: `refused by ${LIMITED.id}, rule ${rule}`,
      observed: told(outcome),
      ok: outcome.at === LIMITED.id && outcome.rule === rule,
    })
  }
}

const told = ({ at, rule, status, description }: OrderOutcome): string =>
  rule === undefined ? `${at} answered ${status ?? description}` : `refused by ${at}, rule ${rule}`

const alteredValueCaught = async (park: Park, tell: Told): Promise<void> => {
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

const recordVerifies = async (park: Park, sessions: readonly string[], tell: Told): Promise<void> => {
  const ended = sessions.map((id) => getTransaction(park.store('csms'), id)).find((transaction) => transaction?.state === 'ended')
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

/** Waits until something holds, at most `ms` milliseconds; what the claim then finds is the claim's to say. */
const until = async (holds: () => boolean, ms: number): Promise<void> => {
  for (const deadline = Date.now() + ms; !holds() && Date.now() < deadline; ) await new Promise((resolve) => setTimeout(resolve, 20))
}
