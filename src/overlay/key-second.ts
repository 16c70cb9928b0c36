// The second pair of eyes on a root's word: where a root named a second key when it was made, nobody makes nodes, or gives them more than they
// had, with the root alone. What else it takes to believe a document is in key-ledger.ts.
import type { Engine } from '../crypto/engine.ts'
import { isVouchedBy, type KeyStatement, keyOf, type RootStatement, type Vouched } from './key-document.ts'

/**
 * Whether the second key vouches for a document, or need not: it is the next of its node, in its role, for nothing more, and by its own word.
 * @param before the document before it under the same root
 */
export const isSeconded = (news: Vouched<KeyStatement>, root: RootStatement, before: KeyStatement | undefined, engine: Engine): boolean => {
  const { second } = root
  if (second === undefined || (before && !isMore(news.fact, before) && isContinued(news, before, engine))) return true
  return isVouchedBy(news, keyOf(second, engine), engine)
}

/** Whether a document gives its node another role, or keys for what none of them was for. */
const isMore = ({ role, keys }: KeyStatement, before: KeyStatement): boolean => {
  const had = new Set(before.keys.flatMap(({ purposes }) => purposes))
  return role !== before.role || keys.some(({ purposes }) => purposes.some((purpose) => !had.has(purpose)))
}

/** Whether it names no key that is new, or a key before it vouches for it. */
const isContinued = (news: Vouched<KeyStatement>, { keys }: KeyStatement, engine: Engine): boolean => {
  const known = keys.map(({ key }) => keyOf(key, engine))
  const isKnown = ({ key }: { key: string }): boolean => known.some(({ kid }) => kid === keyOf(key, engine).kid)
  return news.fact.keys.every(isKnown) || known.some((key) => isVouchedBy(news, key, engine))
}
