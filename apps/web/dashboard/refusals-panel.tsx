// Who refused whom by which rule in the last minutes, and how often. A rule that suddenly leads this list is the first thing to look at.
import { useEffect, useState } from 'preact/hooks'
import { clockTime, number } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { grouped, type Refusal, type RefusalGroup } from './refusals.ts'

const MINUTES = 15
const SHOWN = 50
const EVERY_MS = 5_000

export const RefusalsPanel = ({ refusals }: { refusals: readonly Refusal[] }) => {
  const { t } = useSpeech()
  const now = useNow()
  const groups = grouped(refusals, now - MINUTES * 60_000)
  return (
    <Panel title={t('refusals')} tools={<span class="minor">{t('last-minutes', { count: MINUTES })}</span>}>
      <Scroll label={t('refusals')} tall>
        {groups.length === 0 ? (
          <p class="empty">{t('none-refused')}</p>
        ) : (
          <table class="refusals">
            <TableHead columns={['refused-by', 'rule', 'whose', 'over', 'times', 'last']} numbers={['times']} />
            <tbody>
              {groups.slice(0, SHOWN).map((group) => (
                <Row key={`${group.by} ${group.rule} ${group.origin}`} group={group} />
              ))}
            </tbody>
          </table>
        )}
      </Scroll>
    </Panel>
  )
}

const Row = ({ group }: { group: RefusalGroup }) => {
  const { t, language } = useSpeech()
  return (
    <tr>
      <th scope="row">{group.by}</th>
      <td>
        {group.rule === '' ? <span class="minor">{t('no-rule')}</span> : <code>{group.rule}</code>}
        <div class="minor">{group.text}</div>
      </td>
      <td>{group.origin}</td>
      <td>{group.hop}</td>
      <td class="n strong">{number(group.count, language)}</td>
      <td class="n">{clockTime(group.at, language)}</td>
    </tr>
  )
}

const useNow = (): number => {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}
