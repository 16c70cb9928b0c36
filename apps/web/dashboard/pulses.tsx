// Messages as dots that move over the links they take. Nothing moves for readers who ask for less motion, nor on a hidden page.
import { useLayoutEffect, useRef } from 'preact/hooks'
import { type Layout, type Point, route } from './layout.ts'
import type { MessageInfo } from './model.ts'

const SVG = 'http://www.w3.org/2000/svg'
/** More than this many dots at a time tell nothing more. */
const MOST = 40
/** Pixels a millisecond. */
const SPEED = 0.28

export const Pulses = ({ messages, layout }: { messages: readonly MessageInfo[]; layout: Layout }) => {
  const group = useRef<SVGGElement>(null)
  const seen = useRef(-1)
  useLayoutEffect(() => {
    const fresh = messages.filter((message) => message.key > seen.current)
    seen.current = fresh.at(-1)?.key ?? seen.current
    if (group.current === null || document.hidden || matchMedia('(prefers-reduced-motion: reduce)').matches) return
    for (const message of fresh.slice(-MOST)) if (group.current.childElementCount < MOST) launch(group.current, message, layout)
  }, [messages, layout])
  return <g ref={group} class="pulses" />
}

const launch = (group: SVGGElement, message: MessageInfo, layout: Layout): void => {
  const frames = keyframes(
    route([message.from, ...message.path.filter((id) => id !== message.from && id !== message.to), message.to], layout),
  )
  if (frames === undefined) return
  const dot = document.createElementNS(SVG, 'circle')
  dot.setAttribute('r', message.type === 'call' || message.type === 'send' ? '4.5' : '3.5')
  dot.setAttribute('class', `${message.type} ${message.signature}`)
  group.append(dot)
  const animation = dot.animate(frames.moves, { duration: frames.length / SPEED, easing: 'linear', fill: 'both' })
  animation.onfinish = () => dot.remove()
  animation.oncancel = () => dot.remove()
}

/** Moves at an even speed along the points, and the length of the way in pixels. */
const keyframes = (points: readonly Point[]): { moves: Keyframe[]; length: number } | undefined => {
  const gone: number[] = []
  for (const [i, { x, y }] of points.entries()) {
    const before = points[i - 1] ?? { x, y }
    gone.push((gone.at(-1) ?? 0) + Math.hypot(x - before.x, y - before.y))
  }
  const length = gone.at(-1) ?? 0
  if (length === 0) return undefined
  return { length, moves: points.map(({ x, y }, i) => ({ transform: `translate(${x}px, ${y}px)`, offset: (gone[i] ?? 0) / length })) }
}
