// How far the journals have come: the signed head of this one, and those that this node holds of others as a witness.

import guide from '../../../docs/audit.md?url'
import { clockTime, number } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { usePolled } from './polled.ts'
import { PolledNote } from './polled-note.tsx'
import { type HeadInfo, readHeads } from './trust-model.ts'

const EVERY_MS = 15_000

export const HeadsPanel = ({ token }: { token: string }) => {
  const { t } = useSpeech()
  const polled = usePolled('/api/v1/journal/heads', token, readHeads, EVERY_MS)
  return (
    <Panel
      title={t('heads')}
      tools={
        <a href={guide} target="_blank" rel="noopener">
          {t('audit-guide')}
        </a>
      }
    >
      <p class="minor">{t('heads-why')}</p>
      <PolledNote polled={polled} />
      {polled.value && <Heads heads={polled.value} />}
    </Panel>
  )
}

const Heads = ({ heads }: { heads: readonly HeadInfo[] }) => {
  const { t, language } = useSpeech()
  if (heads.length === 0) return <p class="empty">{t('no-heads')}</p>
  return (
    <Scroll label={t('heads')} tall>
      <table class="trust">
        <TableHead columns={['journal-of', 'entries', 'signed-at', 'hash', 'held-by']} />
        <tbody>
          {heads.map(({ node, seq, hash, at, heldBy }) => (
            <tr key={node}>
              <th scope="row">{node}</th>
              <td class="n left">{number(seq, language)}</td>
              <td class="n left">{clockTime(at, language)}</td>
              <td>
                <code title={hash}>{hash.slice(0, 12)}</code>
              </td>
              <td>{node === heldBy ? t('own-head') : heldBy}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
