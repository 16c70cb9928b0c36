// The stream of messages: who said what to whom, what its signatures are worth, and by whom; a line opens to all that is known of it.
import { useMemo, useState } from 'preact/hooks'
import { clockTime } from '../format.ts'
import type { TextKey } from '../i18n.ts'
import { Choice } from '../shell/choice.tsx'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { Kid } from './kid.tsx'
import { MessageDetail } from './message-detail.tsx'
import { type LinkInfo, MESSAGE_TYPES, type MessageInfo, type MessageType } from './model.ts'
import { type Assessment, assess, questionKey, refusalsByQuestion, TRUST, type Trust } from './trust.ts'

/** Drawn at once, however many are kept: more nobody reads, and a browser feels them. */
const SHOWN = 150
const COLUMNS = ['time', 'from-to', 'action', 'trust', 'signed-by', 'path'] as const

export interface MessageFilter {
  readonly text: string
  readonly type: MessageType | ''
  readonly trust: Trust | ''
}

interface Shown {
  readonly message: MessageInfo
  readonly assessment: Assessment
}

const passes = ({ message, assessment }: Shown, { text, type, trust }: MessageFilter): boolean => {
  if (type !== '' && message.type !== type) return false
  if (trust !== '' && assessment.trust !== trust) return false
  const words = text.toLowerCase().split(/\s+/)
  const whole =
    `${message.from} ${message.to} ${message.action} ${message.path.join(' ')} ${message.code ?? ''} ${message.id} ${assessment.rule}`.toLowerCase()
  return words.every((word) => whole.includes(word))
}

export const MessagesPanel = ({ messages, links }: { messages: readonly MessageInfo[]; links: readonly LinkInfo[] }) => {
  const { t } = useSpeech()
  const [frozen, setFrozen] = useState<readonly MessageInfo[] | undefined>(undefined)
  const [filter, setFilter] = useState<MessageFilter>({ text: '', type: '', trust: '' })
  const source = frozen ?? messages
  const found = useMemo(() => assessed(source).filter((each) => passes(each, filter)), [source, filter])
  // what somebody reads must not run away under them
  const hold = () => setFrozen((held) => held ?? messages)
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
    <Panel
      title={t('messages')}
      tools={
        <>
          <span class="minor">{t('shown-of', { shown: Math.min(found.length, SHOWN), all: source.length })}</span>
          {pause}
        </>
      }
      class="messages"
    >
      <Filters filter={filter} onFilter={setFilter} />
      <Stream shown={found.slice(-SHOWN).reverse()} links={links} onOpen={hold} />
      {found.length === 0 && <p class="empty">{t(source.length === 0 ? 'no-messages' : 'none-match')}</p>}
    </Panel>
  )
}

const assessed = (messages: readonly MessageInfo[]): Shown[] => {
  const refusals = refusalsByQuestion(messages)
  return messages.map((message) => ({ message, assessment: assess(message, refusals.get(questionKey(message))) }))
}

interface StreamProps {
  readonly shown: readonly Shown[]
  readonly links: readonly LinkInfo[]
  readonly onOpen: () => void
}

const Stream = ({ shown, links, onOpen }: StreamProps) => {
  const { t } = useSpeech()
  return (
    <Scroll label={t('messages')} tall>
      <table class="stream">
        <TableHead columns={COLUMNS} />
        <tbody>
          {shown.map((each) => (
            <Line key={each.message.key} {...each} links={links} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const Filters = ({ filter, onFilter }: { filter: MessageFilter; onFilter: (filter: MessageFilter) => void }) => {
  const { t } = useSpeech()
  const type = (value: string) => onFilter({ ...filter, type: value as MessageType | '' })
  const trust = (value: string) => onFilter({ ...filter, trust: value as Trust | '' })
  const types = MESSAGE_TYPES.map((each) => ({ value: each, text: t(`type-${each}` satisfies TextKey) }))
  const trusts = (Object.keys(TRUST) as Trust[]).map((each) => ({ value: each, text: t(`trust-${each}` satisfies TextKey) }))
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
      <Choice label={t('trust')} options={[{ value: '', text: t('every-trust') }, ...trusts]} value={filter.trust} onChoice={trust} />
    </div>
  )
}

const Line = ({ message, assessment, links, onOpen }: Shown & Omit<StreamProps, 'shown'>) => {
  const { t, language } = useSpeech()
  const [open, setOpen] = useState(false)
  const toggle = () => {
    if (!open) onOpen()
    setOpen(!open)
  }
  return (
    <>
      <tr class={message.type}>
        <td class="n">{clockTime(message.at, language)}</td>
        <td>
          {message.from} <span aria-hidden="true">→</span> {message.to}
        </td>
        <td>
          <span class={`type ${message.type}`}>{t(`type-${message.type}` satisfies TextKey)}</span>{' '}
          <button type="button" class="plain" aria-expanded={open} onClick={toggle}>
            {message.action || message.id}
          </button>
          {message.code !== undefined && <code>{message.code}</code>}
        </td>
        <Trusted assessment={assessment} />
        <td class="minor">{message.path.join(' › ')}</td>
      </tr>
      {open && (
        <tr class="end">
          <td colSpan={COLUMNS.length}>
            <MessageDetail message={message} assessment={assessment} links={links} />
          </td>
        </tr>
      )}
    </>
  )
}

const Trusted = ({ assessment: { trust, signers, countersigners, rule, refusedBy } }: { assessment: Assessment }) => {
  const { t } = useSpeech()
  return (
    <>
      <td>
        <Mark tone={TRUST[trust].tone} text={t(`trust-${trust}` satisfies TextKey)} />
        {rule !== '' && <div class="minor">{t('by-rule-at', { rule, node: refusedBy })}</div>}
      </td>
      <td>
        {signers.map(({ node, kid }) => (
          <span key={kid} class="signer">
            {node} <Kid kid={kid} />
          </span>
        ))}
        {countersigners.length > 0 && (
          <div class="minor">{t('passed-by', { nodes: countersigners.map(({ node }) => node).join(', ') })}</div>
        )}
      </td>
    </>
  )
}
