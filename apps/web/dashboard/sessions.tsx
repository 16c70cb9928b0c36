// Charging sessions, the running ones first, each with the way to its record in the verifier.
import { clockTime, duration, kilowatts, liveEnergy } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import type { TransactionInfo } from './model.ts'

const SHOWN = 12

interface SessionsProps {
  readonly transactions: readonly TransactionInfo[]
  readonly open: string | undefined
  readonly onOpen: (id: string) => void
}

export const SessionsPanel = ({ transactions, open, onOpen }: SessionsProps) => {
  const { t } = useSpeech()
  const newestFirst = [...transactions].sort((a, b) => b.startedAt.localeCompare(a.startedAt))
  const ordered = [...newestFirst.filter((each) => each.state === 'running'), ...newestFirst.filter((each) => each.state === 'ended')]
  return (
    <Panel title={t('sessions')}>
      {ordered.length === 0 ? (
        <p class="empty">{t('none-yet')}</p>
      ) : (
        <Scroll label={t('sessions')} tall>
          <ul class="rows">
            {ordered.slice(0, SHOWN).map((each) => (
              <Session key={each.id} it={each} isOpen={each.id === open} onOpen={onOpen} />
            ))}
          </ul>
        </Scroll>
      )}
    </Panel>
  )
}

interface SessionProps {
  readonly it: TransactionInfo
  readonly isOpen: boolean
  readonly onOpen: (id: string) => void
}

const Session = ({ it, isOpen, onOpen }: SessionProps) => {
  const { t, language } = useSpeech()
  const running = it.state === 'running'
  const start = Date.parse(it.startedAt)
  const end = it.endedAt === undefined ? Date.now() : Date.parse(it.endedAt)
  return (
    <li>
      <div>
        <strong>{it.evseId === undefined ? it.stationId : `${it.stationId} / ${it.evseId}`}</strong>
        <span class="grow" />
        {running && <span class="figure power">{kilowatts(it.powerW, language)}</span>}
        <span class="figure">{liveEnergy(it.energyWh, language)}</span>
      </div>
      <div class="minor">
        <Mark tone={running ? 'good' : 'quiet'} text={t(running ? 'running' : 'ended')} />
        <span>
          {clockTime(start, language)} · {duration(start, end)}
        </span>
        <span>{it.idToken}</span>
        {it.signed ? <Proofs id={it.id} isOpen={isOpen} onOpen={onOpen} /> : <span>{t('not-signed')}</span>}
      </div>
    </li>
  )
}

/** The two ways to what is signed: here, while it grows, and in the verifier's own page. */
const Proofs = ({ id, isOpen, onOpen }: { id: string } & Omit<SessionProps, 'it'>) => {
  const { t } = useSpeech()
  return (
    <>
      <button
        type="button"
        class="secondary small"
        aria-label={t('signed-values-of', { id })}
        aria-pressed={isOpen}
        onClick={() => onOpen(id)}
      >
        {t('signed-values')}
      </button>
      <a
        href={`./verify#record=${encodeURIComponent(`/api/v1/transactions/${encodeURIComponent(id)}/record`)}`}
        aria-label={t('verify-of', { id })}
      >
        {t('verify-record')}
      </a>
    </>
  )
}
