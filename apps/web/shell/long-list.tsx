// A list of any length from which one entry is chosen, by mouse or by keys. Only what is in sight is drawn, so ten thousand entries scroll as
// ten do; a reader of screens is told how many there are (ARIA listbox). On paper they are all drawn.
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { usePaper } from './paper.ts'

interface LongListProps {
  readonly label: string
  /** Names of the entries, each once. */
  readonly ids: readonly string[]
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
  /** Whether an entry has three lines. */
  readonly tall: boolean
  readonly children: (id: string) => ComponentChildren
}

/** Height of an entry in pixels, of two lines or of three; the style sheet gives it the same. */
const ROWS = { low: 58, tall: 78 } as const
/** Drawn above and below what is in sight. */
const SPARE = 4
const PAGE = 8

/** How far each key goes; `Infinity` is to the end. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: PAGE,
  PageUp: -PAGE,
  End: Number.POSITIVE_INFINITY,
  Home: Number.NEGATIVE_INFINITY,
}

export const LongList = ({ label, ids, chosen, onChoose, tall, children }: LongListProps) => {
  const row = ROWS[tall ? 'tall' : 'low']
  const box = useRef<HTMLDivElement>(null)
  const at = ids.indexOf(chosen ?? '')
  const [from, to, look] = useSight(box, { at, count: ids.length, row })
  const paper = usePaper()
  const drawn = ids.flatMap((id, index) => (paper || (index >= from && index < to) || index === at ? [{ id, index }] : []))
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key]
    if (step === undefined || ids.length === 0) return
    event.preventDefault()
    const next = ids[Math.min(Math.max(at + step, 0), ids.length - 1)]
    if (next !== undefined) onChoose(next)
  }
  return (
    <div class={`long-list ${tall ? 'tall' : ''}`} ref={box} onScroll={look}>
      <div
        role="listbox"
        aria-label={label}
        tabIndex={0}
        aria-activedescendant={at < 0 ? undefined : `entry-${chosen}`}
        style={{ height: paper ? 'auto' : `${ids.length * row}px` }}
        onKeyDown={press}
      >
        <Entries {...{ ids, drawn, chosen, onChoose, row, children }} />
      </div>
    </div>
  )
}

interface EntriesProps extends Omit<LongListProps, 'label' | 'tall'> {
  readonly row: number
  readonly drawn: readonly { readonly id: string; readonly index: number }[]
}

const Entries = ({ ids, drawn, chosen, onChoose, row, children }: EntriesProps) => {
  // an entry is made once, not with every step of scrolling
  const made = useMemo(() => new Map<string, ComponentChildren>(), [children])
  const entryOf = (id: string): ComponentChildren => {
    const entry = made.get(id) ?? children(id)
    made.set(id, entry)
    return entry
  }
  return drawn.map(({ id, index }) => (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are pressed in the list, which has the focus
    <div
      key={id}
      id={`entry-${id}`}
      role="option"
      tabIndex={-1}
      aria-selected={id === chosen}
      aria-setsize={ids.length}
      aria-posinset={index + 1}
      style={{ top: `${index * row}px` }}
      onClick={() => onChoose(id)}
    >
      {entryOf(id)}
    </div>
  ))
}

interface Sight {
  /** The chosen entry; -1 where there is none. */
  readonly at: number
  readonly count: number
  readonly row: number
}

/** The entries in sight, from and to, and what looks again after scrolling; the chosen one is brought into sight when it changes. */
const useSight = (box: { readonly current: HTMLDivElement | null }, { at, count, row }: Sight) => {
  const [[from, to], setSight] = useState<readonly [number, number]>([0, 12])
  const look = () => {
    const { scrollTop = 0, clientHeight = 0 } = box.current ?? {}
    const [first, last] = [Math.floor(scrollTop / row) - SPARE, Math.ceil((scrollTop + clientHeight) / row) + SPARE]
    // nothing is drawn anew for a few pixels
    setSight((before) => (before[0] === first && before[1] === last ? before : [first, last]))
  }
  useLayoutEffect(() => {
    const list = box.current
    if (list !== null && at >= 0) {
      const top = at * row
      if (top < list.scrollTop) list.scrollTop = top
      if (top + row > list.scrollTop + list.clientHeight) list.scrollTop = top + row - list.clientHeight
    }
    look()
  }, [at, count, row])
  return [from, to, look] as const
}
