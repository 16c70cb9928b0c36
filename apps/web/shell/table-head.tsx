// The head of a table: a column for each word, those of numbers at their right.
import type { TextKey } from '../i18n.ts'
import { useSpeech } from './language.ts'

interface TableHeadProps {
  readonly columns: readonly TextKey[]
  readonly numbers?: readonly TextKey[]
}

export const TableHead = ({ columns, numbers = [] }: TableHeadProps) => {
  const { t } = useSpeech()
  return (
    <thead>
      <tr>
        {columns.map((key) => (
          <th key={key} scope="col" class={numbers.includes(key) ? 'n' : undefined}>
            {t(key)}
          </th>
        ))}
      </tr>
    </thead>
  )
}
