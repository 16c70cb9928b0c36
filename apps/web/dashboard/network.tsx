// The network as a drawing: nodes in tiers, links with their state in line style and words, and messages moving over them.
// The same facts stand in a table below it, for those who do not see drawings.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { kilowatts, number } from '../format.ts'
import type { Language, Translate } from '../i18n.ts'
import { useSpeech } from '../shell/language.ts'
import { Panel } from '../shell/panel.tsx'
import { layOut, NODE, type PlacedLink, type PlacedNode } from './layout.ts'
import { LinkTable } from './link-table.tsx'
import type { Live } from './live.ts'
import { Pulses } from './pulses.tsx'

export const NetworkPanel = ({ live }: { live: Live }) => {
  const { t } = useSpeech()
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const { nodes, links, stations } = live
  const layout = useMemo(() => layOut({ nodes, links, stations }, width), [nodes, links, stations, width])
  const power = new Map<string, number>()
  for (const each of live.transactions)
    if (each.state === 'running') power.set(each.stationId, (power.get(each.stationId) ?? 0) + each.powerW)
  const down = layout.links.filter((link) => !link.up).length
  const unproven = layout.links.filter((link) => link.up && link.proven === false).length
  return (
    <Panel title={t('network')} class="network">
      <div class="drawing" ref={box}>
        <svg
          width={layout.width}
          height={layout.height}
          role="img"
          aria-label={t('network-summary', { nodes: layout.nodes.length, links: layout.links.length, down, unproven })}
        >
          {layout.links.map((link) => (
            <Line key={link.key} link={link} />
          ))}
          <Pulses messages={live.messages} layout={layout} />
          {layout.nodes.map((node) => (
            <Box key={node.id} node={node} power={power.get(node.id) ?? 0} />
          ))}
          {layout.links.map((link) => (
            <Label key={link.key} link={link} />
          ))}
        </svg>
      </div>
      <details>
        <summary>{t('links-table')}</summary>
        <LinkTable links={links} />
      </details>
    </Panel>
  )
}

const useWidth = (box: { readonly current: HTMLDivElement | null }): number => {
  const [width, setWidth] = useState(900)
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return width
}

const Line = ({ link }: { link: PlacedLink }) => (
  <polyline class={`link ${stateOf(link)}`} points={link.line.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')} />
)

const Label = ({ link }: { link: PlacedLink }) => {
  const { t, language } = useSpeech()
  const { x, y, anchor } = link.label
  return (
    <text class={`label ${stateOf(link)}`} x={x} y={y} text-anchor={anchor}>
      {labelOf(link, t, language)}
    </text>
  )
}

const stateOf = ({ up, proven }: PlacedLink): string => (up ? (proven === false ? 'unproven' : 'up') : 'down')

const labelOf = (link: PlacedLink, t: Translate, language: Language): string => {
  const parts = [
    link.up ? '' : `✕ ${t('link-down')}`,
    link.up && link.proven !== undefined ? (link.proven ? t('proven') : `! ${t('not-proven')}`) : '',
    link.up && link.rate > 0 ? `${number(link.rate, language, link.rate < 10 ? 1 : 0)}/s` : '',
  ]
  return [...parts, link.queued > 0 ? t('queued', { count: link.queued }) : ''].filter((part) => part !== '').join(' · ')
}

const Box = ({ node, power }: { node: PlacedNode; power: number }) => {
  const { t, language } = useSpeech()
  const left = node.x - NODE.width / 2
  const top = node.y - NODE.height / 2
  const short = node.id.length > 14 ? `${node.id.slice(0, 13)}…` : node.id
  return (
    <g class={`node ${node.online ? 'online' : 'offline'} ${power > 0 ? 'charging' : ''}`}>
      <title>{`${node.id} · ${node.role} · ${t(node.online ? 'online' : 'offline')}`}</title>
      <rect x={left} y={top} width={NODE.width} height={NODE.height} rx="9" />
      <text class="name" x={node.x} y={node.y - 3}>
        {short}
      </text>
      <text class="role" x={node.x} y={node.y + 13}>
        {node.online ? (power > 0 ? `⚡ ${kilowatts(power, language)}` : roleName(node.role, t)) : `✕ ${t('offline')}`}
      </text>
    </g>
  )
}

const ROLES = {
  csms: 'role-csms',
  'grid-operator': 'role-grid-operator',
  gateway: 'role-gateway',
  'local-controller': 'role-local-controller',
  station: 'role-station',
  'energy-meter': 'role-energy-meter',
} as const

/** A role that is new here is shown by the name it gives itself. */
const roleName = (role: string, t: Translate): string => (Object.hasOwn(ROLES, role) ? t(ROLES[role as keyof typeof ROLES]) : role)
