// What can be taken away from the page: the verdict on paper or as JSON, what was loaded, a link that carries it.
import { useState } from 'preact/hooks'
import type { Verdict } from '../../../src/transparency/index.ts'
import { buildHash, SOFTWARE } from '../offline/build.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { save } from '../shell/save.ts'
import { fragmentOf } from './link.ts'
import type { Input } from './question.ts'

interface ActionsProps {
  readonly verdict: Verdict
  readonly inputs: readonly Input[]
  /** The session that is shown: the report is about it. */
  readonly chosen: string | undefined
}

export const Actions = ({ verdict, inputs, chosen }: ActionsProps) => {
  const { t, paper } = useSpeech()
  const [link, setLink] = useState<Link>({})
  const [trouble, setTrouble] = useState<string | undefined>(undefined)
  const report = async () => {
    const { pdfReport } = await import('../../../src/report/report.ts')
    const software = { ...SOFTWARE, page: (await buildHash()) ?? t('unknown') }
    const pdf = await pdfReport(verdict, { language: paper, software, at: Date.now(), inputs }, chosen)
    save('report.pdf', 'application/pdf', new Uint8Array(pdf))
  }
  const archive = async () => (await import('./pack.ts')).packed(inputs)
  const actions = {
    report,
    verdict: async () => save('verdict.json', 'application/json', `${JSON.stringify(verdict, undefined, 2)}\n`),
    inputs: async () => save('records.zip', 'application/zip', await archive()),
    link: async () => setLink(await linkTo(await archive())),
    print: async () => print(),
  }
  return (
    <section class="takeaway" aria-label={t('take')}>
      <p class="actions">
        {(Object.keys(actions) as (keyof typeof actions)[]).map((key) => (
          <button key={key} type="button" class="secondary" onClick={() => actions[key]().catch((thrown) => setTrouble(String(thrown)))}>
            {t(`take-${key}`)}
          </button>
        ))}
      </p>
      <div role="status">
        {trouble !== undefined && (
          <p>
            <Mark tone="bad" text={t('not-made')} /> <code>{trouble}</code>
          </p>
        )}
        <LinkNote link={link} />
      </div>
    </section>
  )
}

interface Link {
  readonly address?: string
  readonly note?: 'link-copied' | 'link-shown' | 'link-too-long'
}

const linkTo = async (archive: Uint8Array): Promise<Link> => {
  const fragment = fragmentOf(archive)
  if (fragment === undefined) return { note: 'link-too-long' }
  const address = `${location.origin}${location.pathname}${fragment}`
  // browsers offer the clipboard to secure pages only, and may refuse it
  const copied = await navigator.clipboard?.writeText(address).then(
    () => true,
    () => false,
  )
  return { address, note: copied ? 'link-copied' : 'link-shown' }
}

const LinkNote = ({ link: { address, note } }: { link: Link }) => {
  const { t } = useSpeech()
  return (
    <>
      {note !== undefined && <p>{t(note)}</p>}
      {address !== undefined && (
        <input type="text" readOnly aria-label={t('take-link')} value={address} onFocus={(event) => event.currentTarget.select()} />
      )}
    </>
  )
}
