// The stream of messages: who said what to whom, over which nodes, and what is known of the signature.
import { useMemo, useState } from 'preact/hooks'
import { clockTime } from '../format.ts'
import type { TextKey } from '../i18n.ts'
import { Choice } from '../shell/choice.tsx'
import { useSpeech } from '../shell/language.ts'
import { Mark, type Tone } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { MESSAGE_TYPES, type MessageInfo, type MessageType, SIGNATURES, type SignatureState } from './model.ts'

const SHOWN = 150

export interface MessageFilter {
  readonly text: string
  readonly type: MessageType | ''
  readonly signature: SignatureState | ''
}

const TONES: Record<SignatureState, Tone> = { valid: 'good', invalid: 'bad', absent: 'quiet', unchecked: 'warn' }

const passes = (message: MessageInfo, { text, type, signature }: MessageFilter): boolean => {
  if (type !== '' && message.type !== type) return false
  if (signature !== '' && message.signature !== signature) return false
  const words = text.toLowerCase().split(/\s+/)
  const whole =
    `${message.from} ${message.to} ${message.action} ${message.path.join(' ')} ${message.code ?? ''} ${message.id}`.toLowerCase()
  return words.every((word) => whole.includes(word))
}

export const MessagesPanel = ({ messages }: { messages: readonly MessageInfo[] }) => {
  const { t } = useSpeech()
  const [frozen, setFrozen] = useState<readonly MessageInfo[] | undefined>(undefined)
  const [filter, setFilter] = useState<MessageFilter>({ text: '', type: '', signature: '' })
  const source = frozen ?? messages
  const shown = useMemo(
    () =>
      source
        .filter((message) => passes(message, filter))
        .slice(-SHOWN)
        .reverse(),
    [source, filter],
  )
  const missed = frozen === undefined ? 0 : messages.filter((message) => message.key > (frozen.at(-1)?.key ?? -1)).length
  const pause = (
    <button
      type="button"
      class="small"
      aria-pressed={frozen !== undefined}
      onClick={() => setFrozen(frozen === undefined ? messages : undefined)}
    >
      {frozen === undefined ? t('pause') : t('resume', { count: missed })}
    </button>
  )
  return (
    <Panel title={t('messages')} tools={pause} class="messages">
      <Filters filter={filter} onFilter={setFilter} />
      <Stream messages={shown} empty={t(source.length === 0 ? 'none-yet' : 'none-match')} />
    </Panel>
  )
}

const Stream = ({ messages, empty }: { messages: readonly MessageInfo[]; empty: string }) => {
  const { t } = useSpeech()
  return (
    <Scroll label={t('messages')} tall>
      <table class="stream">
        <thead>
          <tr>
            {(['time', 'from-to', 'action', 'signature', 'path'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {messages.map((message) => (
            <Line key={message.key} message={message} />
          ))}
        </tbody>
      </table>
      {messages.length === 0 && <p class="empty">{empty}</p>}
    </Scroll>
  )
}

const Filters = ({ filter, onFilter }: { filter: MessageFilter; onFilter: (filter: MessageFilter) => void }) => {
  const { t } = useSpeech()
  const type = (value: string) => onFilter({ ...filter, type: value as MessageType | '' })
  const signature = (value: string) => onFilter({ ...filter, signature: value as SignatureState | '' })
  const types = MESSAGE_TYPES.map((each) => ({ value: each, text: t(`type-${each}` satisfies TextKey) }))
  const signatures = SIGNATURES.map((each) => ({ value: each, text: t(`signed-${each}` satisfies TextKey) }))
  return (
    <div class="filters">
      <input
        type="search"
        aria-label={t('filter-text')}
        placeholder={t('filter-text')}
        value={filter.text}
        onInput={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
      />
      <Choice label={t('kind')} options={[{ value: '', text: t('every-kind') }, ...types]} value={filter.type} onChoice={type} />
      <Choice
        label={t('signature')}
        options={[{ value: '', text: t('every-signature') }, ...signatures]}
        value={filter.signature}
        onChoice={signature}
      />
    </div>
  )
}

const Line = ({ message }: { message: MessageInfo }) => {
  const { t, language } = useSpeech()
  return (
    <tr class={message.type}>
      <td class="n">{clockTime(message.at, language)}</td>
      <td>
        {message.from} <span aria-hidden="true">→</span> {message.to}
      </td>
      <td>
        <span class={`type ${message.type}`}>{t(`type-${message.type}` satisfies TextKey)}</span> {message.action}
        {message.code !== undefined && <code>{message.code}</code>}
      </td>
      <td>
        <Mark tone={TONES[message.signature]} text={t(`signed-${message.signature}` satisfies TextKey)} />
      </td>
      <td class="minor">{message.path.join(' › ')}</td>
    </tr>
  )
}
