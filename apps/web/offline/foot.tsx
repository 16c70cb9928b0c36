// The foot of the verifier: which build this is, with a way to check it, and whether it works without a network.
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { grouped } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { type BuildCheck, buildHash, checkBuild, SOFTWARE } from './build.ts'
import { useKept } from './keep.ts'

interface FootProps {
  /** Whether the page is worth keeping for work without a network. */
  readonly lasting: boolean
  /** What else a page says of itself. */
  readonly children: ComponentChildren
}

export const Foot = ({ lasting, children }: FootProps) => (
  <footer class="foot">
    <Build />
    <div>
      {children}
      <Offline lasting={lasting} />
    </div>
  </footer>
)

const Build = () => {
  const { t } = useSpeech()
  const [hash, setHash] = useState<string | undefined>(undefined)
  const [check, setCheck] = useState<BuildCheck | undefined>(undefined)
  useEffect(() => {
    buildHash().then(setHash)
  }, [])
  return (
    <div>
      <p>
        Chargeproof {SOFTWARE.version}
        {hash !== undefined && (
          <>
            {' · '}
            {t('build')} <code class="hex">{grouped(hash)}</code>{' '}
            <button type="button" class="plain" onClick={() => checkBuild().then(setCheck)}>
              {t('build-check')}
            </button>
          </>
        )}
      </p>
      <p>
        {t('sources')} <code class="hex">{grouped(SOFTWARE.sources)}</code>
      </p>
      <p role="status">
        {check !== undefined && check.wrong.length === 0 && <Mark tone="good" text={t('build-right', { count: check.count })} />}
        {check !== undefined && check.wrong.length > 0 && <Mark tone="bad" text={t('build-wrong', { names: check.wrong.join(', ') })} />}
      </p>
    </div>
  )
}

const Offline = ({ lasting }: { lasting: boolean }) => {
  const { t, language } = useSpeech()
  const { kept, keepAll } = useKept(lasting, language)
  if (kept === 'no') return null
  return (
    <p>
      <Mark tone="good" text={t(`kept-${kept}`)} />{' '}
      {kept === 'page' && (
        <button type="button" class="plain" onClick={keepAll}>
          {t('keep-all')}
        </button>
      )}
    </p>
  )
}
