// The sentence a driver reads for a check: what holds, or what is wrong. The sentences belong to the verifier, not to this page.
import { CHECK_SENTENCES, type CheckReport, CODE_SENTENCES, type Language, sentence } from '../../../src/transparency/index.ts'

export const sentenceOf = ({ id, state, code }: CheckReport, language: Language): string =>
  state === 'pass' || code === undefined ? sentence(CHECK_SENTENCES, id, language) : sentence(CODE_SENTENCES, code, language)
