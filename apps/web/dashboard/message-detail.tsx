// One message in full: what its signatures are worth and why, each of them, and its way with every hop.
import type { TextKey } from '../i18n.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark, type Tone } from '../shell/mark.tsx'
import { Kid } from './kid.tsx'
import type { LinkInfo, MessageInfo } from './model.ts'
import { FLAWS, type SignatureInfo } from './signature-info.ts'
import { type Assessment, type Hop, hopsOf, TRUST } from './trust.ts'

interface DetailProps {
  readonly message: MessageInfo
  readonly assessment: Assessment
  readonly links: readonly LinkInfo[]
}

export const MessageDetail = ({ message, assessment, links }: DetailProps) => {
  const { t } = useSpeech()
  return (
    <div class="detail">
      <Verdict message={message} assessment={assessment} />
      <h3>{t('signatures')}</h3>
      {message.signatures.length === 0 ? (
        <p class="minor">{t('no-signatures')}</p>
      ) : (
        <ol>
          {message.signatures.map((signature, i) => (
            <Signature key={`${i} ${signature.kid}`} signature={signature} />
          ))}
        </ol>
      )}
      <h3>{t('path')}</h3>
      <ol>
        {hopsOf(message, links).map((hop) => (
          <HopLine key={`${hop.from} ${hop.to}`} hop={hop} />
        ))}
      </ol>
      <p class="minor">
        {t('message-id')} <code>{message.id}</code>
      </p>
    </div>
  )
}

const Verdict = ({ message, assessment: { trust, rule, refusedBy } }: Omit<DetailProps, 'links'>) => {
  const { t } = useSpeech()
  const values = { from: message.from, node: message.node, rule, by: refusedBy }
  return (
    <p>
      <Mark tone={TRUST[trust].tone} /> {t(`why-${trust}` satisfies TextKey, values)}
    </p>
  )
}

const STATES = {
  valid: { tone: 'good' },
  invalid: { tone: 'bad' },
  own: { tone: 'good' },
  unjudged: { tone: 'quiet' },
} as const satisfies Record<SignatureInfo['state'], { tone: Tone }>

const Signature = ({ signature: { state, node, role, kid, countersigns, flaw, detail } }: { signature: SignatureInfo }) => {
  const { t } = useSpeech()
  const isStranger = flaw === 'unknown-key'
  const known = FLAWS.find((each) => each === flaw)
  return (
    <li>
      <Mark
        tone={isStranger ? 'warn' : STATES[state].tone}
        text={t(isStranger ? 'trace-stranger' : (`trace-${state}` satisfies TextKey))}
      />{' '}
      <strong>{state === 'valid' || state === 'own' ? node : t('claims-to-be', { node: node || '?' })}</strong>
      {role !== '' && <span class="minor"> {role}</span>} <Kid kid={kid} />
      {countersigns && <span class="tag">{t('countersigner')}</span>}
      {state === 'invalid' && (
        <div class="minor">
          {known === undefined ? flaw : t(`flaw-${known}` satisfies TextKey)}
          {detail !== '' && ` (${detail})`}
        </div>
      )}
    </li>
  )
}

const HOPS = {
  proven: { tone: 'good' },
  unproven: { tone: 'warn' },
  station: { tone: 'quiet' },
  unknown: { tone: 'quiet' },
} as const satisfies Record<Hop['link'], { tone: Tone }>

const HopLine = ({ hop: { from, to, link, countersigned } }: { hop: Hop }) => {
  const { t } = useSpeech()
  return (
    <li>
      {from} <span aria-hidden="true">→</span> {to} <Mark tone={HOPS[link].tone} text={t(`hop-${link}` satisfies TextKey)} />
      {countersigned && <span class="tag">{t('countersigned-by', { node: from })}</span>}
    </li>
  )
}
