// What is carried beside messages: the streams of each link with class and credit, live values, and firmware on its way to stations.
import { useRef } from 'preact/hooks'
import { duration, number } from '../format.ts'
import type { Language, TextKey } from '../i18n.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark, type Tone } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { LiveValues } from './live-values.tsx'
import { usePolled } from './polled.ts'
import { PolledNote } from './polled-note.tsx'
import {
  type FileWay,
  type Pace,
  type RollOutInfo,
  rateOf,
  readFileWays,
  readRollOuts,
  readStreamLinks,
  type StreamInfo,
  type StreamLink,
  timeLeft,
} from './streams-model.ts'

const NUMBERS = ['stream-rate', 'stream-waiting', 'stream-credit', 'stream-window'] as const
const COLUMNS = ['neighbour', 'stream-class', ...NUMBERS] as const

export const StreamsPanel = ({ token }: { token: string }) => {
  const { t } = useSpeech()
  const polled = usePolled('/api/v1/streams', token, readStreamLinks, 2_000)
  const rows = (polled.value ?? []).flatMap((link) => link.streams.map((stream) => ({ link, stream })))
  return (
    <Panel title={t('streams')} class="streams">
      <p class="minor">{t('streams-why')}</p>
      <PolledNote polled={polled} />
      {polled.value && rows.length === 0 && <p class="empty">{t('streams-none')}</p>}
      {rows.length > 0 && (
        <Scroll label={t('streams')} tall>
          <table>
            <TableHead columns={COLUMNS} numbers={NUMBERS} />
            <tbody>
              {rows.map(({ link, stream }) => (
                <Row key={`${link.peer} ${stream.id}`} link={link} stream={stream} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <Files token={token} />
      <LiveValues token={token} />
      <RollOuts token={token} />
    </Panel>
  )
}

const Row = ({ link, stream }: { link: StreamLink; stream: StreamInfo }) => {
  const { t, language } = useSpeech()
  return (
    <tr>
      <th scope="row">{link.peer}</th>
      <td>{t(`class-${stream.class}` satisfies TextKey)}</td>
      <td class="n">{bytes(link.bytesPerSecond, language)}/s</td>
      <td class="n">{bytes(stream.waiting, language)}</td>
      <td class="n">{bytes(stream.credit, language)}</td>
      <td class="n">
        {bytes(link.underWay, language)} / {bytes(link.window, language)}
      </td>
    </tr>
  )
}

const Files = ({ token }: { token: string }) => {
  const { t } = useSpeech()
  const polled = usePolled('/api/v1/files', token, readFileWays, 1_000)
  const begun = useRef(new Map<string, Pace>())
  // a node that keeps no files has nothing to say here
  if (polled.state === 'absent') return null
  const ways = polled.value ?? []
  const keyOf = (it: FileWay): string => `${it.direction} ${it.node} ${it.name} ${it.all}`
  for (const key of begun.current.keys()) if (!ways.some((it) => keyOf(it) === key)) begun.current.delete(key)
  return (
    <>
      <h3>{t('file-ways')}</h3>
      {polled.value && ways.length === 0 && <p class="empty">{t('file-ways-none')}</p>}
      <ul class="rows">
        {ways.map((it) => {
          const first = begun.current.get(keyOf(it)) ?? { at: polled.at, done: it.done }
          begun.current.set(keyOf(it), first)
          return <File key={keyOf(it)} it={it} first={first} now={polled.at} />
        })}
      </ul>
    </>
  )
}

const File = ({ it, first, now }: { it: FileWay; first: Pace; now: number }) => {
  const { t, language } = useSpeech()
  const progress = t('file-progress', { done: bytes(it.done, language), all: bytes(it.all, language) })
  const left = timeLeft(first, now, it)
  return (
    <li>
      <div>
        <strong>{it.name}</strong>
        <span class="grow" />
        <span class="minor">{t(it.direction === 'in' ? 'file-from' : 'file-to', { node: it.node })}</span>
      </div>
      <progress max={Math.max(1, it.all)} value={it.done} aria-label={`${it.name}: ${progress}`} />
      <div class="minor">
        <span>{progress}</span>
        <span>{bytes(rateOf(first, now, it), language)}/s</span>
        {left !== undefined && <span>{t('time-left', { time: duration(0, left) })}</span>}
      </div>
    </li>
  )
}

const TONES: Readonly<Record<RollOutInfo['state'], Tone>> = {
  planned: 'quiet',
  running: 'good',
  paused: 'warn',
  stopped: 'bad',
  cancelled: 'quiet',
  done: 'good',
}

const RollOuts = ({ token }: { token: string }) => {
  const { t } = useSpeech()
  const polled = usePolled('/api/v1/firmware/roll-outs', token, readRollOuts, 2_000)
  const begun = useRef(new Map<string, Pace>())
  // a node that rolls nothing out has nothing to say here
  if (polled.state === 'absent') return null
  const rollOuts = polled.value ?? []
  return (
    <>
      <h3>{t('roll-outs')}</h3>
      {polled.value && rollOuts.length === 0 && <p class="empty">{t('roll-outs-none')}</p>}
      <ul class="rows">
        {rollOuts.map((it) => (
          <RollOut key={it.id} it={it} left={paceOf(begun.current, it, polled.at)} />
        ))}
      </ul>
    </>
  )
}

const paceOf = (begun: Map<string, Pace>, { id, installed, all, state }: RollOutInfo, now: number): number | undefined => {
  const first = begun.get(id) ?? { at: now, done: installed }
  begun.set(id, first)
  return state === 'running' ? timeLeft(first, now, { done: installed, all }) : undefined
}

const RollOut = ({ it, left }: { it: RollOutInfo; left: number | undefined }) => {
  const { t } = useSpeech()
  const progress = t('roll-out-progress', { done: it.installed, all: it.all })
  return (
    <li>
      <div>
        <strong>
          {it.id} <span class="minor">{it.version}</span>
        </strong>
        <span class="grow" />
        <Mark tone={TONES[it.state]} text={t(`rollout-${it.state}` satisfies TextKey)} />
      </div>
      <progress max={Math.max(1, it.all)} value={it.installed} aria-label={progress} />
      <div class="minor">
        <span>{progress}</span>
        <span>{t('roll-out-stage', { stage: it.stage, stages: it.stages })}</span>
        {it.failed > 0 && <Mark tone="bad" text={t('roll-out-failed', { count: it.failed })} />}
        {left !== undefined && <span>{t('time-left', { time: duration(0, left) })}</span>}
        {it.reason !== '' && <span>{it.reason}</span>}
      </div>
    </li>
  )
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size in the unit in which it has up to four digits. */
const bytes = (size: number, language: Language): string => {
  const power = Math.min(UNITS.length - 1, size < 1 ? 0 : Math.floor(Math.log2(size) / 10))
  return `${number(size / 1024 ** power, language, power === 0 ? 0 : 1)} ${UNITS[power]}`
}
