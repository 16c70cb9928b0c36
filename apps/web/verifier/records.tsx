// The session's records: what was measured, whether it is signed, and behind a button how that was found out.
import { useState } from 'preact/hooks'
import type { RecordReport, SessionReport, ValueReport } from '../../../src/transparency/index.ts'
import { decimal, meterTime } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { EvidenceView } from './evidence.tsx'
import { Plot } from './plot.tsx'
import { SIGNATURES } from './words.ts'

const COLUMNS = ['time', 'value', 'unit', 'signature', 'how'] as const

export const Records = ({ session }: { session: SessionReport }) => {
  const { t } = useSpeech()
  return (
    <Panel title={t('records')} class="records">
      <Plot session={session} />
      <Scroll label={t('records')}>
        <table>
          <TableHead columns={COLUMNS} numbers={['value']} />
          {session.records.map((record) => (
            <RecordRows key={record.id} record={record} keyTrust={session.keyTrust} />
          ))}
        </table>
      </Scroll>
    </Panel>
  )
}

interface RecordRowsProps {
  readonly record: RecordReport
  readonly keyTrust: SessionReport['keyTrust']
}

/** A row for each value; signature and button stand once, beside them all. */
const RecordRows = ({ record, keyTrust }: RecordRowsProps) => {
  const { t } = useSpeech()
  const [open, setOpen] = useState(false)
  const panel = `${record.id}-evidence`
  const [first, ...others] = record.values
  const { tone, name } = SIGNATURES[record.signature.state]
  const rows = Math.max(1, record.values.length)
  return (
    <tbody id={record.id}>
      <tr>
        <ValueCells record={record} value={first} />
        <td rowSpan={rows}>
          <Mark tone={tone} text={t(name)} />
        </td>
        <td rowSpan={rows}>
          <button
            type="button"
            class="secondary small"
            aria-expanded={open}
            aria-controls={panel}
            aria-label={t(open ? 'hide-of' : 'show-of', { id: record.id })}
            onClick={() => setOpen(!open)}
          >
            {t(open ? 'hide' : 'show')}
          </button>
          <span class="on-paper minor">{t(open ? 'open-on-paper' : 'closed-on-paper')}</span>
        </td>
      </tr>
      {others.map((value, i) => (
        <tr key={`${i} ${value.obis}`}>
          <ValueCells record={record} value={value} />
        </tr>
      ))}
      <tr id={panel} class="evidence" hidden={!open}>
        <td colSpan={COLUMNS.length}>{open && <EvidenceView record={record} keyTrust={keyTrust} />}</td>
      </tr>
    </tbody>
  )
}

const ValueCells = ({ record, value }: { record: RecordReport; value: ValueReport | undefined }) => {
  const { notation } = useSpeech()
  return (
    <>
      <td>{meterTime(value?.time ?? record.time ?? '', notation)}</td>
      <td class="n strong">{value === undefined ? '' : decimal(value.value, notation)}</td>
      <td>
        {value?.unit} <span class="minor">{value?.obis}</span>
      </td>
    </>
  )
}
