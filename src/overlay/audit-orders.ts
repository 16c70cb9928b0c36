// Who gave which order, and what became of it: the decisions in a journal, judged again from the signatures that it kept, with the
// auditor's own keys. That the entries are whole is audit-chain.ts.
import { canonicalJson } from '../base/canonical-json.ts'
import { asFault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { CALL, type Call, type Envelope, ERROR, readEnvelope } from '../ocpp/frame.ts'
import type { AuditWorld, Finding } from './audit-chain.ts'
import { isEncrypted } from './encrypted.ts'
import type { AnswerEvidence, OrderEvidence } from './evidence.ts'
import type { JournalRow } from './journal.ts'
import type { Taken } from './power-stack.ts'
import { isOnThis, type Judgement, judgeSignature } from './signature.ts'
import { questionHash } from './signed-text.ts'

export interface OrderDecision {
  /** Whose journal, and the entry in it. */
  readonly node: string
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly station: string
  /** Missing where the order is for the whole station. */
  readonly evse?: number
  readonly action: string
  /** Of an order that came encrypted: `opened` with a key of the auditor's, or no more than the deciding node `claimed` to have read, or `unread`. */
  readonly read?: 'opened' | 'claimed' | 'unread'
  /** Of a charging profile: its limits, as `11000 W`. */
  readonly limits: readonly string[]
  readonly decision: 'accepted' | 'refused'
  readonly rule: string
  readonly reason?: string
  /** Who asked. `verified`: by a signature that fits a key of the auditor's; the role is what the deciding node knew. */
  readonly by: readonly { readonly node: string; readonly role?: string; readonly kid: string; readonly state: 'verified' | 'unproven' }[]
  /** Who it says it is from, where nobody signed. */
  readonly claimed?: string
  /** Whether it was obeyed: as was `measured` afterwards, or as its addressee `answered` and no more. */
  readonly obeyed: 'measured' | 'answered' | 'no' | 'unknown'
  readonly answer?: { readonly at: number; readonly says: string; readonly receipt: 'verified' | 'unproven' | 'unsigned' }
}

export interface OrderFound {
  readonly report: OrderDecision
  /** What it asks for, as far as it can be read. */
  readonly taken: Taken
  /** The order itself, where the entry holds it. */
  readonly message?: Call
}

/** The decisions of one journal, in its order. */
export const auditOrders = (rows: readonly JournalRow[], world: AuditWorld, tell: (finding: Finding) => void): OrderFound[] => {
  const answers = new Map<number, JournalRow>()
  for (const row of rows) {
    const { order } = (row.data ?? {}) as Partial<AnswerEvidence>
    if (row.kind === 'order-answered' && typeof order === 'number') answers.set(order, row)
  }
  return rows
    .filter(({ kind }) => kind === 'order-accepted' || kind === 'order-refused')
    .map((row) => orderReport({ row, answer: answers.get(row.seq) }, world, tell))
}

interface Found {
  readonly row: JournalRow
  readonly answer: JournalRow | undefined
}

const orderReport = ({ row, answer }: Found, world: AuditWorld, tell: (finding: Finding) => void): OrderFound => {
  const { seq, at, node, rule = '', kind } = row
  const told = (code: Finding['code'], detail: string, where = seq): void => tell({ code, node, seq: where, detail })
  const question = frameOf(row, (detail) => told('order-unproven', detail))
  const accepted = kind === 'order-accepted'
  const call = question?.message.type === CALL ? question.message : undefined
  const judgements = question && call ? judged(question, call, world, at) : []
  if (accepted) checkAccepted(row, judgements, told)
  const receipt = answer && question && call ? readAnswer({ row: answer, question, call }, world, told) : undefined
  const content = call && contentOf(row, call, world, (detail) => told('order-forged', detail))
  const payload = content?.payload
  const evse = payload === undefined ? undefined : evseOf(payload)
  const action = call?.action ?? (row.text.split(/[ :]/)[0] as string)
  const report = {
    ...{ node, seq, at, rule },
    station: question?.destination.at(-1) ?? row.text.split(' for ')[1] ?? '',
    ...(evse !== undefined && { evse }),
    action,
    ...(content?.read && { read: content.read }),
    limits: payload === undefined ? [] : limitsOf(payload),
    decision: accepted ? ('accepted' as const) : ('refused' as const),
    ...(!accepted && { reason: row.text }),
    by: judgements.flatMap((judgement) => signerOf(judgement, row)),
    ...(judgements.length === 0 && { claimed: row.subject }),
    obeyed: accepted ? (receipt?.obeyed ?? 'unknown') : ('no' as const),
    ...(receipt && { answer: receipt.answer }),
  }
  return { report, taken: { at, action, station: report.station, evse, payload }, ...(call && { message: call }) }
}

interface Content {
  readonly payload?: Json | undefined
  readonly read?: 'opened' | 'claimed' | 'unread'
}

/** What an order asks for. Of one that came encrypted: by the auditor's own key, or else what the node wrote down that it read. */
const contentOf = (
  { data }: JournalRow,
  { payload: { value } }: Call,
  { opened }: AuditWorld,
  forged: (detail: string) => void,
): Content => {
  if (!isEncrypted(value)) return { payload: value }
  const { frame = '', opened: claimed } = (data ?? {}) as Partial<OrderEvidence>
  const own = opened?.get(frame)
  if (own === undefined) return claimed === undefined ? { read: 'unread' } : { payload: claimed, read: 'claimed' }
  if (claimed !== undefined && canonicalJson(claimed) !== canonicalJson(own)) forged('what the node says that it read is not in the order')
  return { payload: own, read: 'opened' }
}

const judged = ({ header, destination }: Envelope, message: Call, { trust, engine }: AuditWorld, at: number): Judgement[] =>
  (header.signatures ?? []).map((signature) =>
    judgeSignature(
      signature,
      { message, action: message.action, audience: destination.at(-1) as string },
      { trust, engine, nowSeconds: Math.floor(at / 1000) },
    ),
  )

/** An order that was accepted must have been signed by whom the node says, and in time. */
const checkAccepted = (row: JournalRow, judgements: readonly Judgement[], told: (code: Finding['code'], detail: string) => void): void => {
  for (const judgement of judgements) {
    if (judgement.state === 'valid') continue
    const { flaw, detail } = judgement
    if (flaw === 'unknown-key') told('order-unproven', 'the key that signed the order is not among the trusted ones')
    else if (flaw === 'expired' || flaw === 'not-yet-valid')
      told('order-untimely', `the order was accepted although it was not its time: ${detail}`)
    else told('order-forged', `the order that was accepted is not the one that was signed: ${detail}`)
  }
  const { by } = (row.data ?? {}) as Partial<OrderEvidence>
  const absent = by?.find(({ kid }) => !judgements.some((j) => (j.state === 'valid' ? j.key.kid : j.kid) === kid))
  if (absent) told('order-forged', `the entry says that ${absent.node} signed, and no signature of it is there`)
}

const signerOf = (judgement: Judgement, row: JournalRow): OrderDecision['by'] => {
  const { by = [] } = (row.data ?? {}) as Partial<OrderEvidence>
  const kid = judgement.state === 'valid' ? judgement.key.kid : judgement.kid
  const known = by.find((each) => each.kid === kid)
  const node = judgement.state === 'valid' ? judgement.key.node : (known?.node ?? '')
  return [{ node, ...(known && { role: known.role }), kid, state: judgement.state === 'valid' ? 'verified' : 'unproven' }]
}

const readAnswer = (
  { row, question, call }: { row: JournalRow; question: Envelope; call: Call },
  world: AuditWorld,
  told: (code: Finding['code'], detail: string, seq?: number) => void,
): Pick<OrderDecision, 'obeyed'> & { answer: NonNullable<OrderDecision['answer']> } => {
  const says = row.text.slice(row.text.indexOf(':') + 2)
  const envelope = frameOf(row, () => undefined)
  if (!envelope) return { obeyed: 'unknown', answer: { at: row.at, says, receipt: 'unsigned' } }
  const { message, header } = envelope
  const audience = question.path[0] as string
  const subject = { message, action: call.action, audience, questionHash: questionHash(call, world.engine) }
  const judgements = (header.signatures ?? []).map((signature) =>
    judgeSignature(signature, subject, { ...world, nowSeconds: Math.floor(row.at / 1000) }),
  )
  for (const judgement of judgements) {
    if (judgement.state === 'valid') continue
    if (judgement.flaw === 'unknown-key') told('answer-unproven', 'the key that signed the answer is not among the trusted ones', row.seq)
    else told('answer-forged', `the answer is not the one that was signed: ${judgement.detail}`, row.seq)
  }
  const receipt = judgements.length === 0 ? 'unsigned' : judgements.some(isOnThis) ? 'verified' : 'unproven'
  return { obeyed: obeyed(envelope), answer: { at: row.at, says, receipt } }
}

const OBEYED: readonly Json[] = ['Accepted', 'Scheduled', 'RebootRequired']

const obeyed = ({ message }: Envelope): OrderDecision['obeyed'] => {
  if (message.type === ERROR || !('payload' in message)) return 'no'
  const { status } = message.payload.value as { readonly status?: Json }
  return status === undefined || OBEYED.includes(status) ? 'answered' : 'no'
}

const frameOf = ({ data }: JournalRow, told: (detail: string) => void): Envelope | undefined => {
  const { frame } = (data ?? {}) as Partial<OrderEvidence>
  if (typeof frame !== 'string') {
    told('the entry does not hold the order')
    return undefined
  }
  try {
    return readEnvelope(frame)
  } catch (error) {
    told(`the order in the entry cannot be read: ${asFault(error).message}`)
    return undefined
  }
}

type JsonObject = { readonly [name: string]: Json | undefined }
const objectOf = (value: Json | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {}

/** `evseId` and `evse.id` of OCPP 2.x, `connectorId` of 1.6; 0 is the whole station. */
const evseOf = (payload: Json): number | undefined => {
  const { evseId, evse, connectorId } = objectOf(payload)
  const id = evseId ?? objectOf(evse).id ?? connectorId
  return typeof id === 'number' && id > 0 ? id : undefined
}

/** Every limit in a charging profile of any version, in the order of its periods. */
const limitsOf = (value: Json, unit = 'A'): string[] => {
  if (Array.isArray(value)) return value.flatMap((each: Json) => limitsOf(each, unit))
  const { chargingRateUnit = unit, startPeriod, limit, ...members } = objectOf(value)
  const own = typeof startPeriod === 'number' && typeof limit === 'number' ? [`${limit} ${chargingRateUnit}`] : []
  return [...own, ...Object.values(members).flatMap((member) => limitsOf(member ?? null, String(chargingRateUnit)))]
}
