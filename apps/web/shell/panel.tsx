// A titled part of a page.
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface PanelProps {
  readonly title: string
  readonly class?: string
  /** Stands at the right of the title. */
  readonly tools?: ComponentChildren
  readonly children: ComponentChildren
}

export const Panel = ({ title, tools, children, class: name = '' }: PanelProps) => {
  const id = useId()
  return (
    <section class={`panel ${name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {tools !== undefined && <div class="tools">{tools}</div>}
      </header>
      {children}
    </section>
  )
}
