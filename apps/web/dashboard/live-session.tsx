// One transaction as the verifier sees it, while it runs: with every change its record is fetched anew and judged here, and what is
// shown of energy and price is the verdict's, never the back end's own sum.
import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SessionReport, Verdict } from '../../../src/transparency/index.ts'
import { getBytes, Refused } from '../shell/api.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import type { TransactionInfo } from './model.ts'

interface LiveSessionProps {
  readonly transaction: TransactionInfo
  readonly token: string
  readonly onClose: () => void
}

export const LiveSession = ({ transaction, token, onClose }: LiveSessionProps) => {
  const { t } = useSpeech()
  const { verdict, state, View } = useLiveVerdict(transaction, token)
  const opened = useRef<HTMLDivElement>(null)
  // the one who opened it by keyboard goes on reading here
  useEffect(() => opened.current?.focus(), [])
  const close = (
    <button type="button" class="secondary small" onClick={onClose}>
      {t('close')}
    </button>
  )
  return (
    <div class="column live-session" ref={opened} tabIndex={-1}>
      <Panel title={t('live-session', { id: transaction.id })} tools={close}>
        <p class="minor">
          <Mark tone={transaction.state === 'running' ? 'good' : 'quiet'} text={t(transaction.state)} /> {t('live-session-why')}
        </p>
        {state === 'none' && <p class="empty">{t('not-signed-yet')}</p>}
        {state === 'failed' && (
          <p role="alert">
            <Mark tone="bad" text={t('live-failed')} />
          </p>
        )}
      </Panel>
      {View !== undefined && verdict?.sessions.map((session) => <View key={session.id} session={session} />)}
    </div>
  )
}

interface LiveVerdict {
  readonly verdict?: Verdict
  /** `none`: there is no signed record yet. */
  readonly state: 'loading' | 'known' | 'none' | 'failed'
  readonly View?: ComponentType<{ session: SessionReport }>
}

/** The verdict before stays in sight until the next is there, and however fast changes come, one question is asked at a time. */
const useLiveVerdict = (transaction: TransactionInfo, token: string): LiveVerdict => {
  const [live, setLive] = useState<LiveVerdict>({ state: 'loading' })
  const asking = useRef({ busy: false, again: false, left: false })
  useEffect(
    () => () => {
      asking.current.left = true
    },
    [],
  )
  useEffect(() => {
    const at = asking.current
    const look = async (): Promise<void> => {
      at.busy = true
      const found = await verdictOn(transaction.id, token)
      at.busy = false
      if (at.left) return
      setLive((before) => ({ ...before, ...found }))
      if (at.again) {
        at.again = false
        void look()
      }
    }
    if (at.busy) at.again = true
    else void look()
  }, [transaction, token])
  return live
}

const verdictOn = async (id: string, token: string): Promise<LiveVerdict> => {
  try {
    const [bytes, { judgeHere, SessionView }] = await Promise.all([
      getBytes(`/api/v1/transactions/${encodeURIComponent(id)}/record`, token),
      // the verifier is as large as the dashboard: it comes with the first session that is opened
      import('../verifier/live.ts'),
    ])
    return { verdict: await judgeHere(`${id}.xml`, bytes), state: 'known', View: SessionView }
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.status === 404) return { state: 'none' }
    console.info(`the record of ${id} could not be judged:`, String(thrown))
    return { state: 'failed' }
  }
}
