// A state as a shape and a word. The shape differs as much as the colour does, and the word says it all without either.

export type Tone = 'good' | 'bad' | 'warn' | 'quiet'

const SHAPES: Record<Tone, string> = {
  good: 'M3.5 8.5 6.7 11.5 12.5 4.8',
  bad: 'M4.2 4.2 11.8 11.8 M11.8 4.2 4.2 11.8',
  warn: 'M8 3.5 V9 M8 11.6 V12.4',
  quiet: 'M4.5 8 H11.5',
}

interface MarkProps {
  readonly tone: Tone
  /** Absent only where the same word stands beside the mark. */
  readonly text?: string
}

export const Mark = ({ tone, text }: MarkProps) => (
  <span class={`mark ${tone}`}>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7.5" />
      <path d={SHAPES[tone]} />
    </svg>
    {text}
  </span>
)
