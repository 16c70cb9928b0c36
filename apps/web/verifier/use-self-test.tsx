// When the page checks itself (self-test.ts), and what it says of it: once, after it has been drawn, while nobody waits for a verdict.
import { useEffect, useState } from 'preact/hooks'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { theJudge } from './judge.ts'
import { type SelfTest, selfTest } from './self-test.ts'
// the golden vector ocmf/safe-xml; its key is no meter's
import genuine from './self-test.xml?raw'

/** @param busy whether somebody waits for a verdict */
export const useSelfTest = (busy: boolean): SelfTest => {
  const [state, setState] = useState<SelfTest>('waiting')
  useEffect(() => {
    if (busy || state !== 'waiting') return
    const stop = new AbortController()
    const cancel = whenIdle(() => selfTest(theJudge(), genuine, stop.signal).then(setState))
    return () => {
      cancel()
      stop.abort()
    }
  }, [busy, state])
  return state
}

/** Not every browser tells when it is idle. Gives what takes it back. */
const whenIdle = (work: () => void): (() => void) => {
  if (!('requestIdleCallback' in globalThis)) {
    const timer = setTimeout(work, 200)
    return () => clearTimeout(timer)
  }
  const asked = requestIdleCallback(work, { timeout: 1000 })
  return () => cancelIdleCallback(asked)
}

/** Nothing, until there is something to say; only bad news interrupts who listens to the page. */
export const SelfTestNote = ({ state }: { state: SelfTest }) => {
  const { t } = useSpeech()
  if (state === 'waiting') return null
  const isBad = state === 'failed'
  return (
    <p role={isBad ? 'alert' : undefined}>
      <Mark tone={isBad ? 'bad' : 'good'} text={t(`checked-${state}`)} />
    </p>
  )
}
