// A part of a page that scrolls by itself, and by keyboard too (WCAG 2.1.1).
import type { ComponentChildren } from 'preact'

interface ScrollProps {
  readonly label: string
  /** Ends before it fills the page. */
  readonly tall?: boolean
  readonly children: ComponentChildren
}

export const Scroll = ({ label, tall = false, children }: ScrollProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or the arrow keys do not reach it
  // biome-ignore lint/a11y/useSemanticElements: a part of a panel, no landmark of its own and no set of fields
  <div class={tall ? 'scroll tall' : 'scroll'} role="group" tabIndex={0} aria-label={label}>
    {children}
  </div>
)
