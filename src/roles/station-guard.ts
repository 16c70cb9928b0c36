// The guard at a station's own door: signatures come in `customData`, the decision is the node's guard, and what the
// station says leaves sealed. OCPP 1.6 has no place for signatures; there the last overlay node decides instead.
import { asFault, Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Answer } from '../ocpp/connection.ts'
import { fitted } from '../ocpp/error-message.ts'
import {
  CALL,
  type Call,
  type Envelope,
  ERROR,
  type ErrorMessage,
  type Message,
  payloadOf,
  RESULT,
  type SignatureObject,
} from '../ocpp/frame.ts'
import { flawFault, validateResponse } from '../ocpp/validate.ts'
import type { Version } from '../ocpp/version.ts'
import { carriedCall, carriedResult, uncarriedAnswer, uncarriedCall } from '../overlay/carriage.ts'
import { carriesSignatures, foldedMessage, liftedMessage } from '../overlay/custom-data.ts'
import type { AnswerEnvelope } from '../overlay/gatekeeper.ts'
import type { Guard } from '../overlay/guard.ts'
import type { KeyLedger } from '../overlay/key-ledger.ts'
import { isSecret } from '../overlay/secrecy.ts'
import { readIssuer } from '../overlay/signature.ts'
import { wordAnswer } from '../overlay/word-question.ts'
import { hearAtStation, KEY_NEWS, VENDOR } from './key-news.ts'
import { type Admitted, openGuard, type Refused, type StationGuard } from './station/parts.ts'
import type { StationTime } from './station-time.ts'

interface GuardedStation {
  readonly id: string
  readonly version: Version
  readonly backend: string
}

/**
 * It gives its own word, that it is there, to whoever asks (docs/protocol.md §3.4).
 * @param ledger takes facts about keys, which come as a DataTransfer and vouch for themselves; no rule has to allow them
 * @param time learns the time from what the back end answers
 */
export const stationGuard = (
  guard: Guard,
  station: GuardedStation,
  { ledger, time }: { ledger?: KeyLedger; time?: StationTime } = {},
): StationGuard => {
  if (!carriesSignatures(station.version)) return openGuard
  const said = saidBy(station)
  const folded = <M extends Message>(message: M, { header }: Envelope): M => foldedMessage(message, header.signatures, station.version)
  const questionOf = remembering((call: Call) => asked(call, station))
  return {
    get signs() {
      return guard.kid !== undefined
    },
    told: async (call) => wordAnswer(questionOf(call).message) ?? (ledger && keyNews(call, ledger)),
    admit: (call) => admitted(guard, questionOf(call), station.id),
    conceal: async (call, answer) => (await guard.hideAnswer(questionOf(call), said(answer, '-'))).message as Answer,
    seal(call, answer) {
      const question = questionOf(call)
      if (!question.header.signatures?.length) return carried(question, answer)
      // in the very words in which it goes out
      const message = answer.type === ERROR ? { ...answer, ...fitted(station.version, call.id, answer as ErrorMessage) } : answer
      const sealed = guard.sealAnswer(question, said(message, '-'))
      guard.answered(question, Promise.resolve(sealed))
      return folded(carried(question, message), sealed)
    },
    hide: (call) => hidden(guard.hide(said(call, station.backend))),
    sealTold: (told) => folded(told, guard.sealCall(said(told, station.backend))),
    sealCall(call, cnt) {
      time?.asked(call)
      const report = guard.sealReport(said(call, station.backend), cnt && { cnt })
      return folded(isSecret(report) ? carriedCall(call, station.version) : call, report)
    },
    async opened(call, answer) {
      const envelope = believed(guard, station, { call, answer })
      const { message } = await guard.open(envelope, envelope.question)
      time?.answered(envelope, message)
      return checked(station.version, envelope.question, message)
    },
  }
}

/** The question that was admitted is the one that its answer belongs to. */
const remembering = (read: (call: Call) => Envelope): ((call: Call) => Envelope) => {
  const questions = new WeakMap<Call, Envelope>()
  return (call) => {
    const question = questions.get(call) ?? read(call)
    questions.set(call, question)
    return question
  }
}

const admitted = (guard: Guard, question: Envelope, station: string): Promise<Admitted | Refused> =>
  guard.admit(question, station).then(
    () => ({ allowed: true, ...(isSecret(question) && { call: guard.plain(question).message as Call }) }),
    (error) => refusal(asFault(error), station),
  )

/** The answer to what the station said, with its question; signatures beside it. Throws Fault `refused` for one that is not the back end's. */
const believed = (guard: Guard, station: GuardedStation, { call, answer }: { call: Call; answer: Answer }): AnswerEnvelope => {
  const { message, signatures = [] } = liftedMessage(answer)
  const own = liftedMessage(call)
  const question = {
    ...saidBy(station)(uncarriedCall(own.message), station.backend),
    header: { ...(own.signatures && { signatures: own.signatures }) },
  }
  const header = { ocpp: station.version, signatures }
  const came = { destination: [station.id], path: [speaker(signatures)], header, message }
  const envelope = { ...(isSecret(question) ? uncarriedAnswer(came) : came), question }
  guard.inspect(envelope, { id: station.backend }, true)
  if (own.signatures && guard.leavesOpen(question, envelope))
    throw new Fault('refused', 'the error is about another message than the one that was said', { rule: 'answer-vouched' })
  return envelope
}

const saidBy =
  ({ id, version }: GuardedStation) =>
  (message: Message, to: string): Envelope => ({ destination: [to], path: [id], header: { ocpp: version }, message })

/** A report that cannot be encrypted yet is one that cannot be said yet. */
const hidden = (hiding: Promise<Envelope> | undefined): Promise<Call> | undefined =>
  hiding?.then(
    ({ message }) => message as Call,
    (error) => Promise.reject(new Fault('unreachable', asFault(error).message, {}, error)),
  )

/** The connection could not hold against its schema what was carried. Throws Fault `payload-invalid`. */
const checked = (version: Version, { message: question }: Envelope, answer: Message): Answer => {
  const isCarried = question.type === CALL && answer.type === RESULT && isSecret({ message: question })
  const flaw = isCarried ? validateResponse(version, question.action, answer.payload.value) : undefined
  if (isCarried && flaw && flaw.kind !== 'unknown-action') throw flawFault(flaw, question.action)
  return answer as Answer
}

/** The answer to a command that came in another goes back in that one's. */
const carried = <M extends Message>(question: Envelope, message: M): M =>
  isSecret(question) && message.type === RESULT ? { ...message, ...carriedResult(message) } : message

/** The answer to news of keys; undefined where the call is about something else. */
const keyNews = async (call: Call, ledger: KeyLedger): Promise<Answer | undefined> => {
  const { vendorId, messageId, data } = call.payload.value as { readonly [member: string]: Json | undefined }
  if (call.action !== 'DataTransfer' || vendorId !== VENDOR || messageId !== KEY_NEWS) return undefined
  return hearAtStation(ledger, data).then(
    (said) => ({ type: RESULT, id: call.id, payload: payloadOf({ status: 'Accepted', data: said }) }),
    (error) => ({
      type: RESULT,
      id: call.id,
      payload: payloadOf({ status: 'Rejected', statusInfo: { reasonCode: 'SecurityError', additionalInfo: asFault(error).message } }),
    }),
  )
}

/** A plain CALL as the envelope it was before the last hop: who asked is who signed. */
const asked = (call: Call, station: GuardedStation): Envelope => {
  const { message, signatures } = liftedMessage(call)
  return {
    destination: [station.id],
    path: [speaker(signatures)],
    header: { ocpp: station.version, ...(signatures && { signatures }) },
    message: uncarriedCall(message),
  }
}

/** A plain frame names nobody: whoever signed it says who speaks. */
const speaker = (signatures: readonly SignatureObject[] = []): string =>
  signatures.map(readIssuer).find((issuer) => issuer !== undefined) ?? 'unsigned'

const refusal = ({ code, message, data }: Fault, station: string): Refused => {
  const { at = station, rule = 'none', flaw, challenge } = data
  const details = {
    at: String(at),
    fault: code,
    rule: String(rule),
    ...(flaw !== undefined && { flaw: String(flaw) }),
    ...(challenge !== undefined && { challenge: String(challenge) }),
  }
  return { allowed: false, code, description: message, details }
}
