// Those who vouch for the meter's key: each once, on the way to the trust store where somebody stands in between, and whether that counts.
import { KEY_SIGNER_SENTENCES, type KeySignerReport } from '../../../src/transparency/index.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { KEY_SIGNERS } from './words.ts'

export const KeySigners = ({ signers }: { signers: readonly KeySignerReport[] }) => {
  const { t, say } = useSpeech()
  if (signers.length === 0) return null
  return (
    <dl class="pairs signers">
      <dt>{t('signers')}</dt>
      {each(signers).map(({ issuer = t('unknown'), path = [issuer], state, detail = '' }) => (
        <dd key={`${path.join()} ${state} ${detail}`}>
          {path.join(' ← ')} <Mark tone={KEY_SIGNERS[state]} text={say(KEY_SIGNER_SENTENCES, state)} />
          {detail !== '' && <span class="minor"> {detail}</span>}
        </dd>
      ))}
    </dl>
  )
}

/** What is said of several records alike is said once. */
const each = (signers: readonly KeySignerReport[]): KeySignerReport[] => [
  ...new Map(signers.map((signer) => [JSON.stringify(signer), signer])).values(),
]
