// Frames that nobody should send, and some that everybody does: made by the grammar of plain and overlay frames, then broken.
// The same seed makes the same frames.
import type { Chance } from '../chance.ts'
import { binaryFrame, openingCall } from './binary-frames.ts'

export type FrameKind = 'plain' | 'overlay'

export interface FrameMaker {
  /** A text frame, plain or overlay; valid about one time in three. */
  text(kind: FrameKind): string
  /** Of a stream, or a message with bytes; valid about one time in three. */
  binary(): Uint8Array
  /** The CALL that opens one of the streams that binary frames are for. */
  opening(): string
}

export interface Names {
  /** Who sends: the last of the path. */
  readonly sender: string
  readonly receiver: string
  /** Somebody that the receiver passes messages on to. */
  readonly beside: string
}

export const frameMaker = (chance: Chance, names: Names): FrameMaker => {
  const maker = new Maker(chance, names)
  return {
    text: (kind) => maker.broken(maker.frame(kind)),
    binary: () => binaryFrame(chance),
    opening: () => openingCall(chance, names),
  }
}

const ACTIONS = ['Heartbeat', 'BootNotification', 'MeterValues', 'TransactionEvent', 'StatusNotification', 'Authorize', 'StartTransaction']
const ODD_ACTIONS = ['org.chargeproof.Reachability', 'constructor', '__proto__', 'NoSuchThing', '', 'A'.repeat(65)]
const NUMBERS = ['0', '-0', '1e308', '1e999', '-1', '0.1', '9007199254740993', '1E-400', '01', '+1', '0x10', 'NaN', '.5', '5.', '1e', '--1']
const WORDS = ['', 'a', 'é', '\u0000', '\ud800', '\u202e', '😀', '"', '\\', 'toString', '__proto__', 'ÅÅÅ'.repeat(30), 'x'.repeat(3_000)]
const VALID: readonly [string, string][] = [
  ['Heartbeat', '{}'],
  ['BootNotification', '{"reason":"PowerUp","chargingStation":{"vendorName":"v","model":"m"}}'],
  ['StatusNotification', '{"timestamp":"2026-01-01T00:00:00Z","connectorStatus":"Available","evseId":1,"connectorId":1}'],
  ['MeterValues', '{"evseId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":1.5}]}]}'],
]
const HEADERS = [
  '{"ocpp":"ocpp2.1"}',
  '{"ocpp":"ocpp9"}',
  '{"ttl":-1}',
  '{"ttl":1e99}',
  '{"signatures":[{}]}',
  '{"answered":{}}',
  '[]',
  'null',
  '7',
  '{}',
]

class Maker {
  readonly #chance: Chance
  readonly #names: Names
  #ids = 0

  constructor(chance: Chance, names: Names) {
    this.#chance = chance
    this.#names = names
  }

  frame(kind: FrameKind): string {
    const { between, pick, next } = this.#chance
    const type = next() < 0.9 ? between(2, 6) : pick(['1', '7', '"2"', 'null', '2.5', '-3'])
    const id = next() < 0.9 ? `"${this.#id()}"` : pick(['""', '7', 'null', `"${'i'.repeat(37)}"`, '"\\u0000"', '"\\ud800"'])
    const [action, payload] =
      next() < 0.1 ? this.#announcement() : next() < 0.5 ? pick(VALID) : [pick(next() < 0.7 ? ACTIONS : ODD_ACTIONS), this.#value(3)]
    const word = JSON.stringify(action)
    const rest =
      type === 3 ? [id, payload] : type === 4 || type === 5 ? [id, word, JSON.stringify(pick(WORDS)), payload] : [id, word, payload]
    const route = kind === 'plain' ? [] : [this.#destination(), this.#path()]
    const tail = kind === 'overlay' && next() < 0.6 ? [pick(HEADERS)] : []
    return `[${[type, ...route, ...rest, ...tail].join(',')}]`
  }

  /** Two of three frames get one to three wounds. */
  broken(frame: string): string {
    const { next, between, pick } = this.#chance
    if (next() < 0.33) return frame
    let text = frame
    for (let wounds = between(1, 3); wounds > 0; wounds--) text = pick(WOUNDS)(text, this.#chance)
    return text
  }

  /** Few different ids, so that answers find questions and questions meet themselves. */
  #id(): string {
    return this.#chance.next() < 0.3 ? String(this.#chance.between(1, 20)) : `f${++this.#ids}`
  }

  #destination(): string {
    const { receiver, beside } = this.#names
    const { pick, next } = this.#chance
    if (next() < 0.8) return JSON.stringify(pick([receiver, receiver, beside, 'nobody', ['a', receiver]]))
    return pick(['[]', '"*"', '7', '{}', '"a:b"', JSON.stringify(Array(40).fill('n'))])
  }

  #announcement(): [string, string] {
    const { between, pick } = this.#chance
    const place = (): string =>
      JSON.stringify({ id: `cs-${between(1, 500)}`, role: 'station', via: pick([[], ['lc'], ['lc', 'lc'], ['']]), protocol: 'ocpp2.1' })
    const places = (): string => `[${Array.from({ length: between(0, 3) }, place)}]`
    return ['org.chargeproof.Reachability', `{"online":${places()},"offline":${places()}}`]
  }

  #path(): string {
    const { sender } = this.#names
    const { pick, between, next } = this.#chance
    if (next() < 0.8) return JSON.stringify(pick([sender, sender, [`cs-${between(1, 50)}`, sender]]))
    return JSON.stringify(pick(['other', [], {}, [sender, sender], [...Array(16).fill('h'), sender], Array(33).fill(sender)]))
  }

  #value(depth: number): string {
    const { between, pick, next } = this.#chance
    const kind = depth === 0 ? between(0, 2) : between(0, 5)
    if (kind === 0) return next() < 0.5 ? String(between(-1_000, 1_000)) : pick(NUMBERS)
    if (kind === 1) return JSON.stringify(pick(WORDS))
    if (kind === 2) return pick(['true', 'false', 'null', '{}', '[]'])
    const parts = Array.from({ length: between(0, 4) }, () => this.#value(depth - 1))
    if (kind === 3) return `[${parts.join(',')}]`
    return `{${parts.map((part) => `${JSON.stringify(pick(WORDS))}:${part}`).join(',')}}`
  }
}

type Wound = (text: string, chance: Chance) => string

const cut = (text: string, at: number, remove: number, put = ''): string => text.slice(0, at) + put + text.slice(at + remove)

const WOUNDS: readonly Wound[] = [
  (text, { between }) => text.slice(0, between(0, text.length)),
  (text, { between }) => cut(text, between(0, text.length), between(1, 5)),
  (text, { between, pick }) =>
    cut(text, between(0, text.length), between(0, 1), pick([...'[]{}",:\\0 e-', '\u0000', '\ud800', '\ufeff', '\u2028'])),
  (text, { pick, between }) => cut(text, between(0, text.length), 0, pick(NUMBERS)),
  (text, { between }) => text + text.slice(between(0, text.length)),
  // deep, near and far past the limit
  (text, { between, pick }) => {
    const depth = between(55, pick([70, 70, 3_000]))
    return text.replace('{}', () => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)
  },
  (_text, { between, pick }) => pick(['[', '{"a":', '[[[{"', '\\"', '{}']).repeat(between(1, 2_000)),
  // one name twice, plain and by escape
  (text) => text.replace('{', () => '{"a":1,"\\u0061":2,'),
  (text) => text.replace('{', () => '{"__proto__":{"x":1},'),
  // huge, seldom: most of the time goes into them
  (text, { between, next }) => (next() < 0.02 ? text.replace('{', () => `{"h":"${'h'.repeat(between(200_000, 300_000))}",`) : `${text} `),
]
