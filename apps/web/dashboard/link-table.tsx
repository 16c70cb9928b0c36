// The links in figures: what the drawing shows, and what does not fit into it. A row opens to what either end says.
import { useState } from 'preact/hooks'
import { clockTime, duration, number } from '../format.ts'
import type { TextKey } from '../i18n.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { type LinkPair, linkPairs } from './link-pairs.ts'
import type { LinkInfo } from './model.ts'

const NUMBERS = ['waiting', 'rate', 'sent', 'received'] as const
const COLUMNS = ['link', 'kind', 'state', 'node-key', 'since', ...NUMBERS] as const

export const LinkTable = ({ links }: { links: readonly LinkInfo[] }) => {
  const { t } = useSpeech()
  return (
    <Scroll label={t('links-table')}>
      <table class="links">
        <TableHead columns={COLUMNS} numbers={NUMBERS} />
        <tbody>
          {linkPairs(links).map((pair) => (
            <Pair key={`${pair.link.node} ${pair.link.peer}`} pair={pair} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const Pair = ({ pair: { link, other } }: { pair: LinkPair }) => {
  const { t } = useSpeech()
  const [open, setOpen] = useState(false)
  const name = `${link.node} → ${link.peer}`
  return (
    <>
      <tr>
        <th scope="row">
          <button type="button" class="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
            {name}
          </button>
        </th>
        <Figures link={link} />
      </tr>
      {open && <End link={link} title={t('as-told-by', { node: link.node })} />}
      {open && other !== undefined && <End link={other} title={t('as-told-by', { node: other.node })} />}
      {open && other === undefined && (
        <tr class="end">
          <td colSpan={COLUMNS.length} class="minor">
            {t('other-end-silent', { peer: link.peer })}
          </td>
        </tr>
      )}
    </>
  )
}

/** One end's view in full: also since when, to the second. */
const End = ({ link, title }: { link: LinkInfo; title: string }) => {
  const { t, language } = useSpeech()
  const since =
    link.since > 0 ? `${t('since')} ${new Date(link.since).toLocaleDateString(language)} ${clockTime(link.since, language)}` : ''
  return (
    <tr class="end">
      <td>
        {title}
        <div class="minor">{since}</div>
      </td>
      <Figures link={link} />
    </tr>
  )
}

const Figures = ({ link }: { link: LinkInfo }) => {
  const { t, language } = useSpeech()
  return (
    <>
      <td>{t(`link-${link.kind}` satisfies TextKey)}</td>
      <td>
        <Mark tone={link.up ? 'good' : 'bad'} text={t(link.up ? 'link-up' : 'link-down')} />
      </td>
      <td>{link.proven !== undefined && <Mark tone={link.proven ? 'good' : 'warn'} text={t(link.proven ? 'proven' : 'not-proven')} />}</td>
      <td class="n left">{link.since > 0 && duration(link.since, Date.now())}</td>
      <td class="n">{number(link.queued, language)}</td>
      <td class="n">{number(link.rate, language, 1)}</td>
      <td class="n">{number(link.sent, language)}</td>
      <td class="n">{number(link.received, language)}</td>
    </>
  )
}
