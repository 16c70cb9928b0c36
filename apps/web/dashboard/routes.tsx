// Where a message for somebody goes next, over which nodes, and how that became known. Read anew every few seconds: the node
// tells of who comes and goes, not of each change of a way.
import { useState } from 'preact/hooks'
import type { Json } from '../../../src/base/ports.ts'
import { duration } from '../format.ts'
import type { TextKey } from '../i18n.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { type RouteInfo, readList, readRoute } from './model.ts'
import { usePolled } from './polled.ts'
import { PolledNote } from './polled-note.tsx'

const SHOWN = 200

export const RoutesPanel = ({ token }: { token: string }) => {
  const { t } = useSpeech()
  const [filter, setFilter] = useState('')
  const polled = usePolled('/api/v1/routes', token, readRoutes)
  const { value: routes = [], at } = polled
  const wanted = filter.trim().toLowerCase()
  const found = routes.filter(({ id, path }) => id.toLowerCase().includes(wanted) || path.some((hop) => hop.toLowerCase() === wanted))
  return (
    <Panel
      title={t('routes')}
      tools={<span class="minor">{t('shown-of', { shown: Math.min(found.length, SHOWN), all: routes.length })}</span>}
    >
      <div class="filters">
        <input
          type="search"
          aria-label={t('filter-id')}
          placeholder={t('filter-id')}
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
      </div>
      <Scroll label={t('routes')} tall>
        <Table routes={found.slice(0, SHOWN)} now={at} />
        <PolledNote polled={polled} />
        {polled.value && found.length === 0 && <p class="empty">{t(routes.length === 0 ? 'none-yet' : 'none-match')}</p>}
      </Scroll>
    </Panel>
  )
}

const COLUMNS = ['destination', 'state', 'next-hop', 'path', 'learned', 'age'] as const

const Table = ({ routes, now }: { routes: readonly RouteInfo[]; now: number }) => (
  <table class="routes">
    <TableHead columns={COLUMNS} />
    <tbody>
      {routes.map((route) => (
        <Row key={route.id} route={route} now={now} />
      ))}
    </tbody>
  </table>
)

const Row = ({ route, now }: { route: RouteInfo; now: number }) => {
  const { t } = useSpeech()
  const { id, online, next, path, learned, seq, expires, lastSeen } = route
  return (
    <tr>
      <th scope="row">{id}</th>
      <td>
        <Mark tone={online ? 'good' : 'bad'} text={t(online ? 'online' : 'offline')} />
      </td>
      <td>{online ? next : ''}</td>
      <td>
        <ol class="chips">
          {path.map((hop) => (
            <li key={hop} class="tag">
              {hop}
            </li>
          ))}
        </ol>
      </td>
      <td>
        {learned !== '' && t(`learned-${learned}` satisfies TextKey)}
        {seq !== '' && <span class="minor"> {t('numbered', { seq })}</span>}
        {expires > 0 && <div class="minor">{t('ends-in', { time: duration(now, expires) })}</div>}
      </td>
      <td class="n">{lastSeen > 0 && duration(lastSeen, now)}</td>
    </tr>
  )
}

const readRoutes = (json: Json): RouteInfo[] =>
  readList(json, readRoute).sort((a, b) => Number(b.online) - Number(a.online) || a.id.localeCompare(b.id))
