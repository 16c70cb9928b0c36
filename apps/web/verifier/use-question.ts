// The question that the page asks: the inputs, and the verdict on all of them together, judged anew with every change.
import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { Verdict } from '../../../src/transparency/index.ts'
import { get, getBytes, Refused, takeToken } from '../shell/api.ts'
import { type Copies, copiesIn } from './copies.ts'
import { added, hasOpened, OPENED, recordAddress, recordName } from './inputs.ts'
import { theJudge } from './judge.ts'
import { linkedInput } from './link.ts'
import type { Input } from './question.ts'

export interface Question {
  readonly inputs: readonly Input[]
  /** Of the last verdict: what was given twice, and judged once. */
  readonly copies: Copies
  readonly verdict: Verdict | undefined
  readonly busy: boolean
  /** What went wrong outside the records: for an engineer, as it came. */
  readonly trouble: string | undefined
  /** The link to a record could not be followed without a token. */
  readonly locked: boolean
  add(inputs: readonly Input[]): void
  remove(name: string): void
  clear(): void
}

export const useQuestion = (): Question => {
  const [inputs, setInputs] = useState<readonly Input[]>([])
  const add = useCallback((newcomers: readonly Input[]) => setInputs((before) => added(before, newcomers)), [])
  const judging = useVerdict(inputs)
  // what an address asks for is a question of its own: it takes the place of what stood here, as another page would
  const ask = useCallback((linked: readonly Input[]) => setInputs(added([], linked)), [])
  const link = useRecordLink(ask)
  return {
    inputs,
    verdict: judging.verdict,
    copies: judging.copies ?? {},
    busy: judging.busy || link.busy,
    trouble: judging.trouble ?? link.trouble,
    locked: link.locked,
    add,
    remove: (name) => setInputs((before) => before.filter((each) => each.name !== name)),
    clear: () => setInputs([]),
  }
}

/** The verdict is on everything that is no copy. */
interface Judged {
  readonly verdict: Verdict
  readonly copies: Copies
}

interface Judging extends Partial<Judged> {
  readonly busy: boolean
  readonly trouble?: string
}

// started with the page: from then on nothing more is loaded
const judge = theJudge()

/** What is judged is the question as it stands; only where somebody gave a file twice it is asked again without the copy. */
const judged = async (inputs: readonly Input[]): Promise<Judged> => {
  const verdict = await judge.judge(inputs)
  const copies = copiesIn(inputs, verdict.inputs)
  const different = inputs.filter(({ name }) => !Object.hasOwn(copies, name))
  return { copies, verdict: different.length === inputs.length ? verdict : await judge.judge(different) }
}

/** The verdict on the inputs; the one before stays in sight until the next is there. */
const useVerdict = (inputs: readonly Input[]): Judging => {
  const [judging, setJudging] = useState<Judging>({ busy: false })
  // before the names of the inputs are painted: the worker need not wait for a frame
  useLayoutEffect(() => {
    if (inputs.length === 0) return setJudging({ busy: false })
    // an answer that comes after the question has changed is nobody's
    let current = true
    const settle = (outcome: Judging) => {
      if (current) setJudging(outcome)
    }
    setJudging((before) => ({ ...before, busy: true }))
    judged(inputs).then(
      (answer) => settle({ ...answer, busy: false }),
      (thrown) => settle({ trouble: String(thrown), busy: false }),
    )
    return () => {
      current = false
    }
  }, [inputs])
  return judging
}

interface Link {
  readonly busy: boolean
  readonly trouble?: string
  readonly locked: boolean
}

/**
 * What the address asks for: what it carries itself (`#data=…`); or, from this server and with the tab's token, a record of the dashboard's
 * (`#record=…`) or files of this machine (`#opened`).
 */
const askedBy = (fragment: string): ((token: string) => Promise<readonly Input[]>) | undefined => {
  const linked = linkedInput(fragment)
  if (linked !== undefined) return async () => [linked]
  const address = recordAddress(fragment)
  if (address !== undefined) return async (token) => [{ name: recordName(address), bytes: await getBytes(address, token) }]
  return hasOpened(fragment) ? openedHere : undefined
}

const openedHere = async (token: string): Promise<readonly Input[]> => {
  const names = (await get(OPENED, token)) as readonly string[]
  return Promise.all(names.map(async (name, index) => ({ name, bytes: await getBytes(`${OPENED}${index}`, token) })))
}

const useRecordLink = (ask: (inputs: readonly Input[]) => void): Link => {
  const [link, setLink] = useState<Link>({ busy: false, locked: false })
  useEffect(() => {
    const follow = async () => {
      try {
        const asked = askedBy(location.hash)
        if (asked === undefined) return
        setLink({ busy: true, locked: false })
        ask(await asked(takeToken() ?? ''))
        setLink({ busy: false, locked: false })
      } catch (thrown) {
        const locked = thrown instanceof Refused && (thrown.status === 401 || thrown.status === 403)
        setLink({ busy: false, locked, ...(!locked && { trouble: String(thrown) }) })
      }
    }
    follow()
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [ask])
  return link
}
