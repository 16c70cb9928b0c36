// The park's events: buttons that let something happen on the simulated site. A node that is not a park has none.
import { useEffect, useState } from 'preact/hooks'
import { get, post, Refused } from '../shell/api.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { membersOf, type ParkEvent, readList, readParkEvent } from './model.ts'

interface Outcome {
  readonly ok: boolean
  readonly text: string
}

const load = async (token: string): Promise<ParkEvent[]> => {
  try {
    const answer = await get('/api/v1/park', token)
    return readList(Array.isArray(answer) ? answer : membersOf(answer).events, readParkEvent)
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.status === 404) return []
    console.info('the events of the park could not be read:', String(thrown))
    return []
  }
}

export const ParkPanel = ({ token }: { token: string }) => {
  const { t } = useSpeech()
  const [events, setEvents] = useState<readonly ParkEvent[]>([])
  const [busy, setBusy] = useState<string | undefined>(undefined)
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined)
  useEffect(() => {
    load(token).then(setEvents)
  }, [token])
  const start = async (name: string) => {
    setBusy(name)
    setOutcome(await run(name, token))
    setBusy(undefined)
    setEvents(await load(token))
  }
  if (events.length === 0) return null
  return (
    <Panel title={t('park')}>
      <div class="park">
        {events.map((event) => (
          <EventButton key={event.name} event={event} busy={busy} onStart={start} />
        ))}
      </div>
      <div class="toast" role="status" aria-live="polite">
        {outcome !== undefined && (
          <p>
            <Mark tone={outcome.ok ? 'good' : 'bad'} text={t(outcome.ok ? 'done' : 'failed')} /> {outcome.text}
            <button type="button" class="secondary small" onClick={() => setOutcome(undefined)}>
              {t('close')}
            </button>
          </p>
        )}
      </div>
    </Panel>
  )
}

interface EventButtonProps {
  readonly event: ParkEvent
  /** The event that is being started; one at a time. */
  readonly busy: string | undefined
  readonly onStart: (name: string) => void
}

const EventButton = ({ event: { name, title, description, active }, busy, onStart }: EventButtonProps) => {
  const { t, paper } = useSpeech()
  return (
    <button
      type="button"
      class={active ? 'active' : ''}
      aria-busy={busy === name}
      aria-disabled={busy !== undefined}
      onClick={() => busy === undefined && onStart(name)}
    >
      <strong>
        {title[paper]}
        {active && <span class="tag">{t('active')}</span>}
      </strong>
      <small>{description[paper]}</small>
    </button>
  )
}

const run = async (name: string, token: string): Promise<Outcome> => {
  try {
    const { ok, message } = membersOf(await post(`/api/v1/park/${encodeURIComponent(name)}`, token))
    return { ok: ok === true, text: typeof message === 'string' ? message : '' }
  } catch (thrown) {
    return { ok: false, text: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}
