// One of a few values.

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly { readonly value: string; readonly text: string; readonly lang?: string }[]
  readonly onChoice: (value: string) => void
}

export const Choice = ({ label, value, options, onChoice }: ChoiceProps) => (
  <select aria-label={label} value={value} onChange={(event) => onChoice(event.currentTarget.value)}>
    {options.map((option) => (
      <option key={option.value} value={option.value} lang={option.lang}>
        {option.text}
      </option>
    ))}
  </select>
)
