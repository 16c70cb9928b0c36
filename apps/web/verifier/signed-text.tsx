// The signed bytes three ways: as text, as hex, and field by field. Choosing a field marks its bytes in both.
import { useState } from 'preact/hooks'
import { hex, unhex, utf8Text } from '../../../src/base/bytes.ts'
import { type Evidence, type EvidenceField, FIELD_WORDS } from '../../../src/transparency/index.ts'
import { grouped } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'

interface SignedTextProps {
  readonly evidence: Evidence
  /** Tells this group of buttons apart from those of other records. */
  readonly name: string
}

export const SignedText = ({ evidence, name }: SignedTextProps) => {
  const { t } = useSpeech()
  const [chosen, setChosen] = useState<EvidenceField | undefined>(undefined)
  const bytes = unhex(evidence.signedBytes)
  const [before, at, after] = split(bytes, chosen)
  return (
    <>
      <Scroll label={t('step-text')} tall>
        {printable(bytes) === undefined ? (
          <p class="minor">{t('binary', { count: bytes.length })}</p>
        ) : (
          <pre class="signed">
            {printable(before)}
            {at.length > 0 && <mark>{printable(at)}</mark>}
            {printable(after)}
          </pre>
        )}
        <code class="hex block">
          {grouped(hex(before))} {at.length > 0 && <mark>{grouped(hex(at))}</mark>} {grouped(hex(after))}
        </code>
      </Scroll>
      <p role="status" class="unseen">
        {chosen?.at !== undefined &&
          t('field-bytes', { field: chosen.name, from: chosen.at + 1, to: chosen.at + (chosen.length ?? 0), hex: grouped(hex(at)) })}
      </p>
      {evidence.fields.length > 0 && <Fields fields={evidence.fields} name={name} chosen={chosen} onChosen={setChosen} />}
    </>
  )
}

interface FieldsProps {
  readonly fields: readonly EvidenceField[]
  readonly name: string
  readonly chosen: EvidenceField | undefined
  readonly onChosen: (field: EvidenceField | undefined) => void
}

const Fields = ({ fields, name, chosen, onChosen }: FieldsProps) => {
  const { t, say } = useSpeech()
  return (
    <Scroll label={t('fields')} tall>
      <table class="fields">
        <TableHead columns={['field', 'value', 'meaning']} />
        <tbody>
          {fields.map((field, i) => (
            <tr key={`${name} ${i}`} class={field === chosen ? 'chosen' : ''}>
              <th scope="row">
                {field.at === undefined ? (
                  field.name
                ) : (
                  <button
                    type="button"
                    class="plain"
                    aria-pressed={field === chosen}
                    onClick={() => onChosen(field === chosen ? undefined : field)}
                  >
                    {field.name}
                  </button>
                )}
              </th>
              <td>
                <code>{field.value}</code>
              </td>
              <td class="minor">{say(FIELD_WORDS, field.meaning ?? '')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const split = (bytes: Uint8Array, field: EvidenceField | undefined): [Uint8Array, Uint8Array, Uint8Array] => {
  const from = field?.at ?? bytes.length
  const to = from + (field?.length ?? 0)
  return [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)]
}

/** The bytes as text, where every one of them belongs to a character that can be seen. */
const printable = (bytes: Uint8Array): string | undefined => {
  try {
    const text = utf8Text(bytes)
    return /^[\P{C}\n\r\t]*$/u.test(text) ? text : undefined
  } catch {
    return undefined
  }
}
