// When the page checks itself (self-test.ts), and what it says of it: once, after it has been drawn, while nobody waits for a verdict.
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Verdict } from '../../../src/transparency/index.ts'
import type { Speech } from '../i18n.ts'
import { SpeechContext, useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { theJudge } from './judge.ts'
import { type SelfTest, selfTest } from './self-test.ts'
// the golden vector ocmf/safe-xml; its key is no meter's
import genuine from './self-test.xml?raw'
import { SessionList } from './session-list.tsx'
import { SessionView } from './session-view.tsx'

/** @param busy whether somebody waits for a verdict */
export const useSelfTest = (busy: boolean): SelfTest => {
  const [state, setState] = useState<SelfTest>('waiting')
  const speech = useSpeech()
  useEffect(() => {
    if (busy || state !== 'waiting') return
    const stop = new AbortController()
    const way = { judge: theJudge().judge, looksGood: (verdict: Verdict) => looksGood(verdict, speech) }
    const cancel = whenIdle(() => selfTest(way, genuine, stop.signal).then(setState))
    return () => {
      cancel()
      stop.abort()
    }
  }, [busy, state, speech])
  return state
}

/** Draws the verdict where nobody sees it, and takes it away before the browser shows or tells anybody of anything. */
const looksGood = (verdict: Verdict, speech: Speech): boolean => {
  const stage = document.createElement('div')
  stage.className = 'rehearsal'
  document.body.append(stage)
  render(
    <SpeechContext.Provider value={speech}>
      <SessionList sessions={verdict.sessions} chosen={undefined} onChoose={() => undefined} />
      {verdict.sessions.map((session) => (
        <SessionView key={session.id} session={session} />
      ))}
    </SpeechContext.Provider>,
    stage,
  )
  const isGood = stage.querySelector('.verdict.good .sentence') !== null && stage.getBoundingClientRect().height > 0
  render(null, stage)
  stage.remove()
  return isGood
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
