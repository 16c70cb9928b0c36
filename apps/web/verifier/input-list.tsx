// Everything that was given, members of containers included, each with the fault that kept it from being used.
import { INPUT_FAULT_SENTENCES, INPUT_KIND_SENTENCES, type InputReport } from '../../../src/transparency/index.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import type { Question } from './use-question.ts'

interface InputListProps {
  /** Absent until the first verdict. */
  readonly reports: readonly InputReport[] | undefined
  readonly question: Question
}

export const InputList = ({ reports, question }: InputListProps) => {
  const { t } = useSpeech()
  const clear = (
    <button type="button" class="secondary small" onClick={question.clear}>
      {t('clear')}
    </button>
  )
  const given = new Set(question.inputs.map((input) => input.name))
  const all: readonly InputReport[] = reports ?? question.inputs.map(({ name }) => ({ name, kind: 'unknown' }))
  const unusable = all.filter(({ fault }) => fault !== undefined)
  // what could not be used must not be overlooked
  const rows = [...unusable, ...all.filter(({ fault }) => fault === undefined)]
  const copies = Object.entries(question.copies)
  return (
    <Panel title={t('inputs')} tools={clear}>
      {unusable.length > 0 && (
        <p class="unusable">
          <Mark tone="bad" text={t('unusable', { count: unusable.length })} />
        </p>
      )}
      <ul class="rows inputs">
        {rows.map((report, i) => (
          <Row key={`${i} ${report.name}`} report={report} onRemove={given.has(report.name) ? question.remove : undefined} />
        ))}
        {copies.map(([name, original]) => (
          <Row key={`copy ${name}`} report={{ name }} note={t('copy-of', { name: original })} onRemove={question.remove} />
        ))}
      </ul>
    </Panel>
  )
}

interface RowProps {
  readonly report: Pick<InputReport, 'name' | 'fault' | 'format'> & Partial<Pick<InputReport, 'kind'>>
  readonly note?: string
  /** Absent for a member of a container: it goes with the whole. */
  readonly onRemove: ((name: string) => void) | undefined
}

const Row = ({ report: { name, kind, format, fault }, note, onRemove }: RowProps) => {
  const { t, say } = useSpeech()
  return (
    <li>
      <div>
        <span>
          <span class="name">{name}</span>
          <span class="minor">{[kind && say(INPUT_KIND_SENTENCES, kind), format, note].filter(Boolean).join(' · ')}</span>
        </span>
        {onRemove !== undefined && (
          <button type="button" class="secondary small" aria-label={t('remove-of', { name })} onClick={() => onRemove(name)}>
            ×
          </button>
        )}
      </div>
      {fault !== undefined && (
        <p class="fault">
          <Mark tone="bad" text={say(INPUT_FAULT_SENTENCES, fault.code)} /> <code>{fault.code}</code>
          <span class="minor">{fault.detail}</span>
        </p>
      )}
    </li>
  )
}
