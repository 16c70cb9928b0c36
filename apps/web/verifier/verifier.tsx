// The verifier's content: what was given and the sessions in it on the left, the chosen session on the right.
import { useEffect, useState } from 'preact/hooks'
import { VERDICT_SENTENCES, VERDICT_WORDS, type Verdict } from '../../../src/transparency/index.ts'
import { Foot } from '../offline/foot.tsx'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Actions } from './actions.tsx'
import { DropZone } from './drop-zone.tsx'
import { InputList } from './input-list.tsx'
import { hasOpened } from './inputs.ts'
import { worstFirst } from './overview.ts'
import { SessionList } from './session-list.tsx'
import { SessionView } from './session-view.tsx'
import { type Question, useQuestion } from './use-question.ts'
import { SelfTestNote, useSelfTest } from './use-self-test.tsx'

export const Verifier = () => {
  const { t } = useSpeech()
  const question = useQuestion()
  const { verdict, inputs, copies, busy } = question
  const checked = useSelfTest(busy)
  // taken away and opened again, it must be the same question
  const different = inputs.filter(({ name, unread }) => unread === undefined && !Object.hasOwn(copies, name))
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const session = verdict?.sessions.find((each) => each.id === chosen) ?? worstFirst(verdict?.sessions ?? [])[0]
  return (
    <>
      <div class="strip">
        <h1>{t('verifier')}</h1>
        <p class="minor">{t('offline-promise')}</p>
      </div>
      <div class="verifier">
        <div class="column">
          <DropZone onInputs={question.add} />
          {checked === 'failed' && <SelfTestNote state={checked} />}
          <Progress question={question} />
          {verdict !== undefined && verdict.sessions.length > 0 && (
            <SessionList sessions={verdict.sessions} chosen={session?.id} onChoose={setChosen} />
          )}
        </div>
        <div class="column answer" aria-busy={busy}>
          {session !== undefined && <SessionView key={session.id} session={session} />}
          {session === undefined && <Nothing verdict={verdict} />}
          {verdict !== undefined && <Actions verdict={verdict} inputs={different} chosen={session?.id} />}
        </div>
        {inputs.length > 0 && <InputList reports={verdict?.inputs} question={question} />}
      </div>
      <Foot lasting={lasting}>{checked !== 'failed' && <SelfTestNote state={checked} />}</Foot>
    </>
  )
}

/** Files of this machine are shown by a server that ends soon. */
const lasting = !hasOpened(location.hash)

/** One live region that is always there: it tells of work, of its result, and of trouble. */
const Progress = ({ question: { busy, trouble, locked, verdict, inputs } }: { question: Question }) => {
  const { t, say } = useSpeech()
  const slow = useSlow(busy)
  return (
    <div role="status" class="progress">
      {busy && slow && (
        <>
          <span>{t('working', { count: inputs.length })}</span>
          <progress aria-label={t('working', { count: inputs.length })} />
        </>
      )}
      {!busy && trouble !== undefined && (
        <p>
          <Mark tone="bad" text={t('trouble')} /> <code>{trouble}</code>
        </p>
      )}
      {!busy && locked && (
        <p>
          <Mark tone="warn" text={t('locked')} /> <a href="./">{t('dashboard')}</a>
        </p>
      )}
      {!busy && verdict !== undefined && <p class="unseen">{say(VERDICT_SENTENCES, verdict.verdict)}</p>}
    </div>
  )
}

/** True once work has lasted long enough to be worth a word; quick answers come without a flicker. */
const useSlow = (busy: boolean): boolean => {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    setSlow(false)
    if (!busy) return
    const timer = setTimeout(() => setSlow(true), 200)
    return () => clearTimeout(timer)
  }, [busy])
  return slow
}

const Nothing = ({ verdict }: { verdict: Verdict | undefined }) => {
  const { t, say } = useSpeech()
  if (verdict !== undefined)
    return (
      <section class="panel verdict quiet">
        <h2>
          <Mark tone="quiet" text={say(VERDICT_WORDS, 'unreadable')} />
        </h2>
        <p class="sentence">{say(VERDICT_SENTENCES, 'unreadable')}</p>
        <p>{t('unreadable-help')}</p>
      </section>
    )
  return (
    <section class="panel welcome">
      <h2>{t('welcome')}</h2>
      <p>{t('welcome-what')}</p>
      <ol>
        <li>{t('welcome-1')}</li>
        <li>{t('welcome-2')}</li>
        <li>{t('welcome-3')}</li>
      </ol>
      <p class="minor">{t('welcome-formats')}</p>
    </section>
  )
}
