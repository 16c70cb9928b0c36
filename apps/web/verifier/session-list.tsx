// The sessions that were found, one of them chosen.
import type { SessionReport } from '../../../src/transparency/index.ts'
import { kilowattHours, meterTime } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { VERDICTS } from './words.ts'

interface SessionListProps {
  readonly sessions: readonly SessionReport[]
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
}

export const SessionList = ({ sessions, chosen, onChoose }: SessionListProps) => {
  const { t, language } = useSpeech()
  return (
    <Panel title={t('sessions-found', { count: sessions.length })} class="sessions">
      <ul>
        {sessions.map((session) => (
          <li key={session.id}>
            <button type="button" aria-current={session.id === chosen ? 'true' : undefined} onClick={() => onChoose(session.id)}>
              <span class="line">
                <Mark tone={VERDICTS[session.verdict].tone} text={t(VERDICTS[session.verdict].name)} />
                {session.energyWh !== undefined && <strong>{kilowattHours(session.energyWh, language)}</strong>}
              </span>
              <span class="line minor">
                <span>{session.meter.id ?? session.id}</span>
                <span>{session.begin === undefined ? '' : meterTime(session.begin, language)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
