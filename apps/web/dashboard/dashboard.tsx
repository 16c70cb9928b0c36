// The dashboard's content: a token is asked for where none is known, then every panel is drawn from one live picture.
import { useState } from 'preact/hooks'
import { number } from '../format.ts'
import type { TextKey } from '../i18n.ts'
import { dropToken, keepToken, takeToken } from '../shell/api.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark, type Tone } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { type Connection, useFeed } from './feed.ts'
import { HeadsPanel } from './heads-panel.tsx'
import { JournalPanel } from './journal.tsx'
import { KeysPanel } from './keys-panel.tsx'
import { type Live, totalPower } from './live.ts'
import { LiveSession } from './live-session.tsx'
import { MessagesPanel } from './messages.tsx'
import { NetworkPanel } from './network.tsx'
import { ParkPanel } from './park.tsx'
import { PolicyPanel } from './policy-panel.tsx'
import { PowerPanel } from './power-panel.tsx'
import { RefusalsPanel } from './refusals-panel.tsx'
import { RoutesPanel } from './routes.tsx'
import { SessionsPanel } from './sessions.tsx'
import { StationsPanel } from './stations.tsx'
import { StreamsPanel } from './streams-panel.tsx'

export const Dashboard = () => {
  const [token, setToken] = useState(takeToken)
  const [wrong, setWrong] = useState(false)
  if (token === undefined) {
    const enter = (given: string) => {
      keepToken(given)
      setToken(given)
    }
    return <TokenForm wrong={wrong} onToken={enter} />
  }
  const refuse = () => {
    dropToken()
    setWrong(true)
    setToken(undefined)
  }
  return <Board key={token} token={token} onRefused={refuse} />
}

const TokenForm = ({ wrong, onToken }: { wrong: boolean; onToken: (token: string) => void }) => {
  const { t } = useSpeech()
  const [value, setValue] = useState('')
  return (
    <>
      <h1 class="unseen">{t('dashboard')}</h1>
      <Panel title={t('token-title')} class="token">
        <p>{t('token-why')}</p>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (value.trim() !== '') onToken(value.trim())
          }}
        >
          <label>
            {t('token')}
            <input
              type="password"
              autocomplete="off"
              required
              value={value}
              aria-invalid={wrong || undefined}
              onInput={(event) => setValue(event.currentTarget.value)}
            />
          </label>
          {wrong && (
            <p role="alert">
              <Mark tone="bad" text={t('token-wrong')} />
            </p>
          )}
          <button type="submit">{t('token-enter')}</button>
        </form>
      </Panel>
    </>
  )
}

const Board = ({ token, onRefused }: { token: string; onRefused: () => void }) => {
  const { t } = useSpeech()
  const { live, connection } = useFeed(token)
  const [open, setOpen] = useState<string | undefined>(undefined)
  const opened = live.transactions.find(({ id }) => id === open)
  if (connection === 'refused') return <Rejected onRefused={onRefused} />
  return (
    <>
      <div class="strip">
        <h1>{t('dashboard')}</h1>
        <ConnectionState connection={connection} />
        <Figures live={live} />
      </div>
      <div class="board">
        <div class="column">
          <NetworkPanel live={live} />
          <MessagesPanel messages={live.messages} links={live.links} />
        </div>
        <div class="column">
          <ParkPanel token={token} />
          <PowerPanel watts={connection === 'live' ? totalPower(live) : undefined} />
          <SessionsPanel transactions={live.transactions} open={open} onOpen={setOpen} />
        </div>
      </div>
      {opened !== undefined && <LiveSession key={opened.id} transaction={opened} token={token} onClose={() => setOpen(undefined)} />}
      <Lower live={live} token={token} />
    </>
  )
}

/** What was decided and refused, by which rules and keys; then the places of the network. */
const Lower = ({ live, token }: { live: Live; token: string }) => (
  <>
    <div class="board halves">
      <div class="column">
        <RefusalsPanel refusals={live.refusals} />
        <JournalPanel journal={live.journal} />
        <HeadsPanel token={token} />
      </div>
      <div class="column">
        <PolicyPanel token={token} />
        <KeysPanel token={token} />
      </div>
    </div>
    <div class="board halves">
      <div class="column">
        <RoutesPanel token={token} />
        <StreamsPanel token={token} />
      </div>
      <div class="column">
        <StationsPanel stations={live.stations} />
      </div>
    </div>
  </>
)

const Rejected = ({ onRefused }: { onRefused: () => void }) => {
  const { t } = useSpeech()
  return (
    <Panel title={t('token-wrong')} class="token">
      <button type="button" onClick={onRefused}>
        {t('token-again')}
      </button>
    </Panel>
  )
}

const CONNECTION = {
  connecting: { tone: 'quiet', text: 'connecting' },
  live: { tone: 'good', text: 'live' },
  lost: { tone: 'bad', text: 'lost' },
  refused: { tone: 'bad', text: 'token-wrong' },
} as const satisfies Record<Connection, { tone: Tone; text: TextKey }>

const ConnectionState = ({ connection }: { connection: Connection }) => {
  const { t } = useSpeech()
  return (
    <p class="connection" role="status">
      <Mark tone={CONNECTION[connection].tone} text={t(CONNECTION[connection].text)} />
    </p>
  )
}

const Figures = ({ live }: { live: Live }) => {
  const { t, language } = useSpeech()
  const online = live.stations.filter((station) => station.online).length
  const figures = [
    { name: t('figure-stations'), value: `${online} / ${live.stations.length}` },
    { name: t('figure-sessions'), value: String(live.transactions.filter((each) => each.state === 'running').length) },
    { name: t('figure-power'), value: `${number(totalPower(live) / 1000, language, 1)} kW` },
    {
      name: t('figure-waiting'),
      value: number(
        live.links.reduce((sum, link) => sum + link.queued, 0),
        language,
      ),
    },
    { name: t('figure-down'), value: String(live.links.filter((link) => !link.up).length) },
  ]
  return (
    <dl class="figures">
      {figures.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
