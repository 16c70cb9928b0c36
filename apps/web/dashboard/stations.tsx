// The stations: what they speak, and whether they are there.
import { clockTime } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import type { StationInfo } from './model.ts'

export const StationsPanel = ({ stations }: { stations: readonly StationInfo[] }) => {
  const { t, language } = useSpeech()
  return (
    <Panel title={t('stations')}>
      {stations.length === 0 ? (
        <p class="empty">{t('none-yet')}</p>
      ) : (
        <Scroll label={t('stations')} tall>
          <ul class="rows">
            {stations.map((station) => (
              <li key={station.id}>
                <div>
                  <strong>{station.id}</strong>
                  <span class="tag">{station.protocol.replace(/^ocpp/, 'OCPP ')}</span>
                  <Mark tone={station.online ? 'good' : 'bad'} text={t(station.online ? 'online' : 'offline')} />
                </div>
                <div class="minor">
                  <span>{[station.vendorName, station.model].filter((name) => name !== '').join(' ')}</span>
                  <span title={t('path')}>{station.path.join(' › ')}</span>
                  <time dateTime={station.lastSeen}>{clockTime(Date.parse(station.lastSeen), language)}</time>
                </div>
              </li>
            ))}
          </ul>
        </Scroll>
      )}
    </Panel>
  )
}
