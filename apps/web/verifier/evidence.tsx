// How one record was made and checked, in the order of the meter's own work: text, hash, key, signature, outcome; and the
// commands that repeat it without this program.
import { useState } from 'preact/hooks'
import { unhex } from '../../../src/base/bytes.ts'
import { readSignature } from '../../../src/crypto/signature-parts.ts'
import {
  type Evidence,
  KEY_TRUST_SENTENCES,
  type KeyTrust,
  OPENSSL_SENTENCES,
  opensslCommands,
  type RecordReport,
  type SignatureReport,
} from '../../../src/transparency/index.ts'
import { grouped } from '../format.ts'
import type { TextKey } from '../i18n.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { Beside } from './beside.tsx'
import { KeySigners } from './key-signers.tsx'
import { SignedText } from './signed-text.tsx'
import { KEY_TRUST, SIGNATURES } from './words.ts'

interface EvidenceProps {
  readonly record: RecordReport
  readonly keyTrust: KeyTrust
}

export const EvidenceView = ({ record, keyTrust }: EvidenceProps) => {
  const { t } = useSpeech()
  const { evidence, signature } = record
  const { tone, name, why } = SIGNATURES[signature.state]
  if (evidence === undefined)
    return (
      <div class="how">
        <p>
          <Mark tone={tone} text={t(name)} /> {t(why)}
        </p>
        <p class="minor">{t('no-evidence')}</p>
        <Beside record={record} />
      </div>
    )
  return (
    <div class="how">
      <p class="minor">
        {record.id} · {record.format} · {record.input}
      </p>
      <ol>
        <TextStep record={record} evidence={evidence} />
        <HashStep record={record} evidence={evidence} />
        <KeyStep record={record} evidence={evidence} keyTrust={keyTrust} />
        <SignatureStep record={record} evidence={evidence} />
        <li>
          <h3>
            {t('step-outcome')} <Mark tone={tone} text={t(name)} />
          </h3>
          <p>{t(why)}</p>
        </li>
      </ol>
      <Beside record={record} />
      <Commands record={record} />
    </div>
  )
}

interface StepProps {
  readonly record: RecordReport
  readonly evidence: Evidence
}

const TextStep = ({ record, evidence }: StepProps) => {
  const { t } = useSpeech()
  return (
    <li>
      <h3>{t('step-text')}</h3>
      <p>{t('step-text-why')}</p>
      <SignedText evidence={evidence} name={record.id} />
    </li>
  )
}

const HashStep = ({ record: { signature }, evidence }: StepProps) => {
  const { t } = useSpeech()
  return (
    <li>
      <h3>
        {t('step-hash')} {signature.hash !== undefined && <span class="tag">{signature.hash}</span>}
      </h3>
      <p>{t('step-hash-why')}</p>
      {evidence.hash === '' ? <p>{t('no-hash')}</p> : <Hex value={evidence.hash} label={t('step-hash')} />}
    </li>
  )
}

/** Security of a curve in bits, where it is below the 128 that are asked for today (NIST SP 800-57 part 1, table 2). */
const WEAK: Readonly<Record<string, number>> = { secp192r1: 96, secp192k1: 96, secp224k1: 112 }

const KeyStep = ({ record: { signature }, evidence, keyTrust }: StepProps & { keyTrust: KeyTrust }) => {
  const { t } = useSpeech()
  const bits = WEAK[signature.curve ?? '']
  return (
    <li>
      <h3>
        {t('step-key')} {signature.curve !== undefined && <span class="tag">{signature.curve}</span>}
      </h3>
      {evidence.publicKey === '' ? (
        <p>{t('no-key')}</p>
      ) : (
        <>
          <Hex value={evidence.publicKey} label={t('step-key')} />
          <KeyOrigin signature={signature} keyTrust={keyTrust} />
        </>
      )}
      {bits !== undefined && (
        <p class="minor">
          <Mark tone="warn" text={t('weak-curve', { bits })} />
        </p>
      )}
    </li>
  )
}

const KeyOrigin = ({ signature, keyTrust }: { signature: SignatureReport; keyTrust: KeyTrust }) => {
  const { t, say } = useSpeech()
  const { tone, name } = KEY_TRUST[keyTrust]
  return (
    <>
      <dl class="pairs">
        <dt>{t('fingerprint')}</dt>
        <dd>
          <code class="hex">{grouped(signature.keyFingerprint ?? '')}</code>
        </dd>
        <dt>{t('key-source')}</dt>
        <dd>
          {signature.keySource ?? t('unknown')} <Mark tone={tone} text={t(name)} />
        </dd>
      </dl>
      <p class="minor">{say(KEY_TRUST_SENTENCES, keyTrust)}</p>
      <KeySigners signers={signature.keySigners ?? []} />
    </>
  )
}

const SignatureStep = ({ record: { signature }, evidence }: StepProps) => {
  const { t } = useSpeech()
  const parts = signature.curve === undefined ? undefined : readSignature(unhex(evidence.signature), signature.curve)
  return (
    <li>
      <h3>
        {t('step-signature')} {signature.algorithm !== undefined && <span class="tag">{signature.algorithm}</span>}
      </h3>
      {evidence.signature === '' ? <p>{t('no-signature')}</p> : <Hex value={evidence.signature} label={t('step-signature')} />}
      {parts !== undefined && (
        <dl class="pairs">
          <dt>r</dt>
          <dd>
            <code class="hex">{grouped(parts.r)}</code>
          </dd>
          <dt>s</dt>
          <dd>
            <code class="hex">{grouped(parts.s)}</code>
          </dd>
        </dl>
      )}
    </li>
  )
}

/** Long ones, such as those of ML-DSA, scroll by themselves. */
const Hex = ({ value, label }: { value: string; label: string }) => {
  const text = <code class="hex block">{grouped(value)}</code>
  return value.length > 1000 ? (
    <Scroll label={label} tall>
      {text}
    </Scroll>
  ) : (
    text
  )
}

const Commands = ({ record }: { record: RecordReport }) => {
  const { t, say } = useSpeech()
  const [copied, setCopied] = useState<TextKey>('copy')
  const answer = opensslCommands(record)
  if ('impossible' in answer) return <p class="minor">{say(OPENSSL_SENTENCES, answer.impossible)}</p>
  const { commands, needs } = answer
  return (
    <div class="commands">
      <h3>
        {t('repeat')}
        {/* browsers offer the clipboard to secure pages only */}
        {isSecureContext && (
          <button
            type="button"
            class="secondary small"
            onClick={() =>
              navigator.clipboard.writeText(commands).then(
                () => setCopied('copied'),
                () => setCopied('copy-refused'),
              )
            }
          >
            {t(copied)}
          </button>
        )}
      </h3>
      <p>{t('repeat-why', { ...needs })}</p>
      <Scroll label={t('commands')}>
        <pre>
          <code>{commands}</code>
        </pre>
      </Scroll>
    </div>
  )
}
