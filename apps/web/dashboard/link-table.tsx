// The links in figures: what the drawing shows, and what does not fit into it.
import { number } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Scroll } from '../shell/scroll.tsx'
import type { LinkInfo } from './model.ts'

const COLUMNS = [
  { key: 'link', numeric: false },
  { key: 'kind', numeric: false },
  { key: 'state', numeric: false },
  { key: 'waiting', numeric: true },
  { key: 'rate', numeric: true },
  { key: 'sent', numeric: true },
  { key: 'received', numeric: true },
] as const

export const LinkTable = ({ links }: { links: readonly LinkInfo[] }) => {
  const { t } = useSpeech()
  return (
    <Scroll label={t('links-table')}>
      <table>
        <thead>
          <tr>
            {COLUMNS.map(({ key, numeric }) => (
              <th key={key} scope="col" class={numeric ? 'n' : undefined}>
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {links.map((link) => (
            <Row key={`${link.node} ${link.peer}`} link={link} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const Row = ({ link }: { link: LinkInfo }) => {
  const { t, language } = useSpeech()
  return (
    <tr>
      <th scope="row">{`${link.node} → ${link.peer}`}</th>
      <td>{link.kind}</td>
      <td>
        <Mark tone={link.up ? 'good' : 'bad'} text={t(link.up ? 'link-up' : 'link-down')} />
      </td>
      <td class="n">{number(link.queued, language)}</td>
      <td class="n">{number(link.rate, language, 1)}</td>
      <td class="n">{number(link.sent, language)}</td>
      <td class="n">{number(link.received, language)}</td>
    </tr>
  )
}
