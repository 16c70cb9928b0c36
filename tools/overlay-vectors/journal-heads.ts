// Heads of journals, docs/protocol.md §9.1: what is signed, how an entry is hashed, which heads are taken, and which contradict each other.
import { utf8Text } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'
import { payloadOf, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import { entryHash, type JournalRow } from '../../src/overlay/journal.ts'
import {
  contradiction,
  headJson,
  heldHead,
  JOURNAL_HEADS,
  type JournalHead,
  nextHead,
  readHead,
  signHead,
} from '../../src/overlay/journal-heads.ts'
import { caught } from './caught.ts'
import { backend, engine, operator, stranger, trust } from './keys.ts'

const asJson = (head: JournalHead): { readonly [name: string]: Json } =>
  JSON.parse(JSON.stringify(head)) as { readonly [name: string]: Json }

/** 2026-01-01T00:00:00Z */
const NOW = 1_767_225_600_000

const ENTRY: JournalRow = {
  ...{ seq: 1, at: NOW, node: backend.node, kind: 'node', subject: 'gateway', text: 'can be reached, over gateway', previous: '' },
}
const FIRST = nextHead({ node: backend.node, seq: 1, hash: entryHash(ENTRY, engine) }, NOW + 1_000)
const SECOND = nextHead({ node: backend.node, seq: 4, hash: '4'.repeat(64) }, NOW + 60_000, FIRST)
const SIGNED = signHead(SECOND, backend)

export const journalHeadVectors = () => ({
  about: 'Heads of the journal of "csms": signed, sent, refused and compared. The trust store is that of keys.json. docs/protocol.md §9.1',
  entry: { entry: { ...ENTRY }, canonicalEntry: canonicalJson({ ...ENTRY }), hash: FIRST.hash },
  signed: {
    head: SIGNED.head,
    canonicalHead: canonicalJson(JSON.parse(JSON.stringify(SECOND)) as Json),
    protectedHeader: JSON.parse(utf8Text(Buffer.from(SIGNED.signature.protected, 'base64url'))) as Json,
    signature: SIGNED.signature,
  },
  held: heldHead(SIGNED, operator),
  frame: writeEnvelope({
    ...{ destination: ['gateway'], path: [backend.node], header: {} },
    message: { type: SEND, id: '1', action: JOURNAL_HEADS, payload: payloadOf({ heads: [headJson(SIGNED)] }) },
  }),
  refused: REFUSED.map(({ name, value }) => ({ name, value, fault: caught(() => readHead(value, { trust, engine })) })),
  pairs: PAIRS.map(({ name, one, other }) => ({ name, one, other, contradiction: contradiction(one, other) ?? null })),
})

const REFUSED: readonly { readonly name: string; readonly value: Json }[] = [
  { name: 'another hash than was signed', value: { ...headJson(SIGNED), head: { ...asJson(SECOND), hash: '5'.repeat(64) } } },
  { name: 'a head before it left out', value: { ...headJson(SIGNED), head: { ...asJson(SECOND), before: [] } } },
  { name: 'signed by another node', value: headJson(signHead(SECOND, operator)) },
  { name: 'signed by a key that nobody trusts', value: headJson(signHead({ ...SECOND, node: stranger.node }, stranger)) },
  { name: 'no time', value: { ...headJson(SIGNED), head: { node: backend.node, seq: 4, hash: '4'.repeat(64), before: [] } } },
]

const split: JournalHead = { ...SECOND, hash: '5'.repeat(64) }
const THIRD = nextHead({ node: backend.node, seq: 9, hash: '9'.repeat(64) }, NOW + 90_000, SECOND)

const PAIRS: readonly { readonly name: string; readonly one: JournalHead; readonly other: JournalHead }[] = [
  { name: 'one after the other', one: SECOND, other: THIRD },
  { name: 'the same entry, signed twice', one: SECOND, other: { ...SECOND, at: SECOND.at + 5_000 } },
  { name: 'one number, two hashes', one: SECOND, other: split },
  { name: 'the later names another history before it', one: split, other: THIRD },
  { name: 'the later names none before it: it was written anew', one: SECOND, other: { ...THIRD, before: [] } },
  { name: 'the number rises and the time goes back', one: SECOND, other: { ...THIRD, at: NOW } },
]
