// What a node says of the time, docs/protocol.md §4.13: the question, the answer with its signature, and answers that are not believed.
import { utf8Text } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'
import { judgeTime, stateTime, type TimeStatement } from '../../src/overlay/time-statement.ts'
import { caught } from './caught.ts'
import { backend, engine, operator, trust } from './keys.ts'

/** 2026-01-01T00:00:00Z */
const NOW = 1_767_225_600_000
const NONCE = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'
const ASKED = { node: backend.node, nonce: NONCE }

interface Told {
  readonly statement: TimeStatement & { readonly [name: string]: Json }
  readonly signature: { readonly protected: string; readonly signature: string }
}
const told = (nonce: string, by = backend): Told => stateTime({ nonce }, { time: NOW, bound: 100 }, by) as Partial<Told> as Told
const ANSWER = told(NONCE)

export const timeVectors = () => ({
  about: '"csms" tells the time to one who asked with a nonce. The trust store is that of keys.json. docs/protocol.md §4.13',
  question: { nonce: NONCE },
  answer: ANSWER,
  canonicalStatement: canonicalJson(ANSWER.statement),
  protectedHeader: JSON.parse(utf8Text(Buffer.from(ANSWER.signature.protected, 'base64url'))) as Json,
  refused: REFUSED.map(({ name, answer }) => ({ name, answer, fault: caught(() => judgeTime(answer as Json, ASKED, { trust, engine })) })),
})

const changed = (change: Partial<TimeStatement>): Told => ({ ...ANSWER, statement: { ...ANSWER.statement, ...change } })

const REFUSED = [
  { name: 'another time than was signed', answer: changed({ time: NOW + 86_400_000 }) },
  { name: 'a smaller bound than was signed', answer: changed({ bound: 1 }) },
  { name: 'for the nonce of another', answer: told('A'.repeat(43)) },
  { name: 'by another node than was asked', answer: told(NONCE, operator) },
  { name: 'in the name of the one who was asked, by the key of another', answer: told(NONCE, { ...operator, node: backend.node }) },
  { name: 'without a signature', answer: { statement: ANSWER.statement } },
  { name: 'no time', answer: { ...ANSWER, statement: { node: backend.node, nonce: NONCE, bound: 1 } } },
]
