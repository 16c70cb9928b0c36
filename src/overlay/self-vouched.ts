// News whose content is signed by itself, with numbers of its own, so that nothing is won by bringing it late, early or again. It is heard whatever
// the clock of the one who hears it says: whose clock is behind is in need of it most.
import { JOURNAL_HEADS } from './journal-heads.ts'
import { KEY_NEWS } from './key-document.ts'

export const SELF_VOUCHED: readonly string[] = [KEY_NEWS, JOURNAL_HEADS]
