// What a message's signatures are worth, in one word, and what stands behind it. Pure: nothing is verified here, the node did that.
import type { LinkInfo, MessageInfo } from './model.ts'
import type { SignatureInfo } from './signature-info.ts'

/** From the best to the worst. `vouched`: somebody whose key is known signed it, and not the one it comes from. */
export const TRUST = {
  'end-to-end': { tone: 'good' },
  own: { tone: 'good' },
  vouched: { tone: 'warn' },
  unknown: { tone: 'warn' },
  hops: { tone: 'quiet' },
  invalid: { tone: 'bad' },
  refused: { tone: 'bad' },
} as const satisfies Record<string, { tone: string }>
export type Trust = keyof typeof TRUST

export interface Assessment {
  readonly trust: Trust
  /** Those who signed in their own name, then those who passed it on. */
  readonly signers: readonly SignatureInfo[]
  readonly countersigners: readonly SignatureInfo[]
  /** Of a refusal. */
  readonly rule: string
  readonly refusedBy: string
}

/** `refusal` is the answer that refused the message, where it came by. */
export const assess = (message: MessageInfo, refusal?: MessageInfo): Assessment => {
  const { signatures } = message
  // an answer that tells of a refusal is itself no refused message
  const { rule, refusedBy } = message.type === 'error' ? { rule: '', refusedBy: '' } : message.rule === '' && refusal ? refusal : message
  return {
    trust: rule === '' ? worthOf(message) : 'refused',
    signers: signatures.filter(({ countersigns }) => !countersigns),
    countersigners: signatures.filter(({ countersigns }) => countersigns),
    ...{ rule, refusedBy },
  }
}

const worthOf = ({ from, signature, signatures }: MessageInfo): Trust => {
  if (signature === 'invalid') return 'invalid'
  if (signature === 'unchecked') return 'unknown'
  const own = signatures.filter(({ countersigns }) => !countersigns)
  if (own.some(({ state, node }) => state === 'valid' && node === from)) return 'end-to-end'
  if (own.some(({ state, node }) => state === 'own' && node === from)) return 'own'
  return own.some(({ state }) => state === 'valid' || state === 'own') ? 'vouched' : 'hops'
}

/** Refusing answers by what they answer, for `assess`. */
export const refusalsByQuestion = (messages: readonly MessageInfo[]): ReadonlyMap<string, MessageInfo> =>
  new Map(messages.filter(({ type, rule }) => type === 'error' && rule !== '').map((message) => [`${message.to} ${message.id}`, message]))

export const questionKey = ({ from, id, type }: MessageInfo): string => (type === 'call' ? `${from} ${id}` : '')

/** One stretch of a message's way. */
export interface Hop {
  readonly from: string
  readonly to: string
  /** `proven`: both ends proved their keys. `station`: a station's own connection. `unknown`: nobody here tells of it. */
  readonly link: 'proven' | 'unproven' | 'station' | 'unknown'
  /** Whether the node it left signed that it passed it on. */
  readonly countersigned: boolean
}

/** The way of a message as far as it is known: over its path to the node that saw it, and on to its end. */
export const hopsOf = ({ path, node, to, signatures }: MessageInfo, links: readonly LinkInfo[]): Hop[] => {
  const stops = [...path, node, to].filter((stop, i, all) => stop !== '' && all.indexOf(stop) === i)
  return stops.slice(1).map((stop, i) => {
    const from = stops[i] as string
    const ends = links.filter((link) => (link.node === from && link.peer === stop) || (link.node === stop && link.peer === from))
    const countersigned = signatures.some((each) => each.countersigns && each.node === from && each.state !== 'invalid')
    return { from, to: stop, link: linkOf(ends), countersigned }
  })
}

const linkOf = (ends: readonly LinkInfo[]): Hop['link'] => {
  if (ends.length === 0) return 'unknown'
  if (ends.some(({ kind }) => kind === 'station')) return 'station'
  // one end that could not be shown the key is enough to say so
  if (ends.some(({ proven }) => proven === false)) return 'unproven'
  return ends.some(({ proven }) => proven) ? 'proven' : 'unknown'
}
