// The sentence a driver reads for a check: what holds, or what is wrong. The sentences belong to the verifier, not to this page.
import { CHECK_SENTENCES, type CheckReport, CODE_SENTENCES } from '../../../src/transparency/index.ts'
import type { Say } from '../i18n.ts'

export const sentenceOf = ({ id, state, code }: CheckReport, say: Say): string =>
  state === 'pass' || code === undefined ? say(CHECK_SENTENCES, id) : say(CODE_SENTENCES, code)
