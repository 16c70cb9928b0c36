// Whose keys count here, and until when: warnings first, then the root with its successor, the news of revocations, and every key.
import { span, timeOfDay } from '../format.ts'
import type { TextKey } from '../i18n.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { STANDING, type StandingKey, standings, warningsOf } from './keys.ts'
import { Kid } from './kid.tsx'
import { usePolled } from './polled.ts'
import { PolledNote } from './polled-note.tsx'
import { type KeysInfo, readKeys } from './trust-model.ts'

const EVERY_MS = 10_000
const SHOWN = 300
const COLUMNS = ['node', 'key-name', 'state', 'valid-for', 'age', 'purpose', 'source'] as const

export const KeysPanel = ({ token }: { token: string }) => {
  const { t } = useSpeech()
  const polled = usePolled('/api/v1/keys', token, readKeys, EVERY_MS)
  const { value, at } = polled
  const all = value ? standings(value.keys, at) : []
  return (
    <Panel
      title={t('keys')}
      class="keys"
      tools={value && <span class="minor">{t('shown-of', { shown: Math.min(all.length, SHOWN), all: all.length })}</span>}
    >
      <PolledNote polled={polled} />
      {value && <Warnings keys={value} now={at} />}
      {value && <Roots keys={value} now={at} />}
      {value && (
        <Scroll label={t('keys')} tall>
          {all.length === 0 ? <p class="empty">{t('no-keys')}</p> : <Table keys={all.slice(0, SHOWN)} now={at} />}
        </Scroll>
      )}
    </Panel>
  )
}

const SEVERE = { stale: 'bad', 'no-news': 'bad', few: 'bad', soon: 'warn', new: 'warn' } as const

const Warnings = ({ keys, now }: { keys: KeysInfo; now: number }) => {
  const { t } = useSpeech()
  const warnings = warningsOf(keys, now)
  if (warnings.length === 0) return null
  return (
    <ul class="warnings">
      {warnings.map((warning) => (
        <li key={warning.kind}>
          <Mark tone={SEVERE[warning.kind]} /> {t(`keys-${warning.kind}` satisfies TextKey, { nodes: warning.nodes.join(', ') })}
        </li>
      ))}
    </ul>
  )
}

const Roots = ({ keys: { root, revocations }, now }: { keys: KeysInfo; now: number }) => {
  const { t, language } = useSpeech()
  if (!root) return <p class="minor">{t('no-root')}</p>
  return (
    <dl class="facts">
      <div>
        <dt>{t('root', { number: root.number })}</dt>
        <dd>
          <Kid kid={root.kid} /> {root.issued > 0 && <span class="minor">{t('old', { time: span(now - root.issued, language) })}</span>}
        </dd>
      </div>
      <div>
        <dt>{t('next-root')}</dt>
        <dd>
          <Kid kid={root.next} />
        </dd>
      </div>
      <div>
        <dt>{t('revocation-news')}</dt>
        <dd>
          {revocations === undefined ? (
            t('none-known')
          ) : (
            <>
              <Mark tone={revocations.fresh ? 'good' : 'bad'} text={t('old', { time: span(now - revocations.issued, language) })} />{' '}
              <span class="minor">
                {t(revocations.fresh ? 'counts-until' : 'counted-until', { time: timeOfDay(revocations.freshUntil, language) })}
              </span>
            </>
          )}
        </dd>
      </div>
    </dl>
  )
}

const Table = ({ keys, now }: { keys: readonly StandingKey[]; now: number }) => (
  <table class="trust">
    <TableHead columns={COLUMNS} />
    <tbody>
      {keys.map((key) => (
        <Row key={`${key.node} ${key.kid}`} it={key} now={now} />
      ))}
    </tbody>
  </table>
)

const Row = ({ it, now }: { it: StandingKey; now: number }) => {
  const { t, language } = useSpeech()
  const { node, role, kid, standing, succeeded, since, until, purposes, source, reason } = it
  return (
    <tr>
      <th scope="row">
        {node} <div class="minor">{role}</div>
      </th>
      <td>
        <Kid kid={kid} />
      </td>
      <td>
        <Mark tone={succeeded ? 'quiet' : STANDING[standing].tone} text={t(`key-${standing}` satisfies TextKey)} />
        {succeeded && <div class="minor">{t('key-succeeded')}</div>}
        {reason !== '' && <div class="minor">{reason}</div>}
      </td>
      <td>
        {until === 0 ? t('no-end') : until > now ? t('ends-after', { time: span(until - now, language) }) : timeOfDay(until, language)}
      </td>
      <td>{since > 0 && since <= now && span(now - since, language)}</td>
      <td>{purposes.join(', ')}</td>
      <td>{t(`source-${source}` satisfies TextKey)}</td>
    </tr>
  )
}
