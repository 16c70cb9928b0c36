// A part of a page that scrolls by itself, and by keyboard too (WCAG 2.1.1).
import type { ComponentChildren } from 'preact'

interface ScrollProps {
  readonly label: string
  /** Ends before it fills the page. */
  readonly tall?: boolean
  readonly children: ComponentChildren
}

export const Scroll = ({ label, tall = false, children }: ScrollProps) => (
  // a group, and no landmark: a page has many
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or the arrow keys do not reach it
  <fieldset class={tall ? 'scroll tall' : 'scroll'} tabIndex={0} aria-label={label}>
    {children}
  </fieldset>
)
