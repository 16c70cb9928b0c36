// Values as stations tell them live: what came last of each event stream and how often, and who reads, pauses or misses them.
import { clockTime, number } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { usePolled } from './polled.ts'
import { type EventStreamInfo, type ReaderInfo, readLive } from './streams-model.ts'

const VALUES = ['values-station', 'event-stream', 'last-value', 'last-at', 'values-rate', 'values-all', 'values-pending'] as const
const READERS = ['reader', 'feed', 'reader-state', 'reader-waiting', 'reader-missed'] as const
/** Columns of numbers stand at their right. */
const NUMBERS = ['event-stream', 'last-value', 'values-rate', 'values-all', 'values-pending', 'reader-waiting', 'reader-missed'] as const

export const LiveValues = ({ token }: { token: string }) => {
  const { t } = useSpeech()
  const { streams = [], readers = [] } = usePolled('/api/v1/streams/live', token, readLive, 1_000).value ?? {}
  return (
    <>
      <h3>{t('live-values')}</h3>
      {streams.length === 0 && <p class="empty">{t('live-values-none')}</p>}
      {streams.length > 0 && (
        <Scroll label={t('live-values')} tall>
          <table>
            <TableHead columns={VALUES} numbers={NUMBERS} />
            <tbody>
              {streams.map((it) => (
                <Stream key={`${it.id} ${it.station}`} it={it} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {readers.length > 0 && (
        <Scroll label={t('readers')}>
          <table>
            <TableHead columns={READERS} numbers={NUMBERS} />
            <tbody>
              {readers.map((it, i) => (
                <Reader key={`${it.node} ${it.feed} ${i}`} it={it} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  )
}

const Stream = ({ it }: { it: EventStreamInfo }) => {
  const { language } = useSpeech()
  return (
    <tr>
      <th scope="row">{it.station}</th>
      <td class="n">{it.id}</td>
      <td class="n">{it.value}</td>
      <td>{it.at === 0 ? '' : clockTime(it.at, language)}</td>
      <td class="n">{number(it.perSecond, language, 1)}</td>
      <td class="n">{number(it.values, language)}</td>
      <td class="n">{number(it.pending, language)}</td>
    </tr>
  )
}

const Reader = ({ it }: { it: ReaderInfo }) => {
  const { t, language } = useSpeech()
  return (
    <tr>
      <th scope="row">{it.node}</th>
      <td>{it.feed}</td>
      <td>
        <Mark tone={it.paused ? 'warn' : 'good'} text={t(it.paused ? 'reader-paused' : 'reader-reads')} />
      </td>
      <td class="n">{number(it.waiting, language)}</td>
      <td class="n">{number(it.missed, language)}</td>
    </tr>
  )
}
