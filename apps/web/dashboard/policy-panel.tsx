// Who may ask for what at this node, and what that did: the policy in force, the one that is only tried beside it, and what was refused.
import type { ComponentChildren } from 'preact'
import { clockTime, number, span } from '../format.ts'
import type { TextKey } from '../i18n.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { TableHead } from '../shell/table-head.tsx'
import { usePolled } from './polled.ts'
import { PolledNote } from './polled-note.tsx'
import { type Decision, type PolicyInfo, type PolicyScores, type Rejected, type RuleInfo, readPolicy } from './trust-model.ts'

export const PolicyPanel = ({ token }: { token: string }) => {
  const { t } = useSpeech()
  const polled = usePolled('/api/v1/policy', token, readPolicy)
  const { value, at } = polled
  return (
    <Panel title={t('policy')} tools={value?.rehearsal && <Figures tried={value.rehearsal} />}>
      <PolledNote polled={polled} />
      {value && (
        <Scroll label={t('policy')} tall>
          <InForce policy={value} now={at} />
          {value.rehearsal && <Tried tried={value.rehearsal} />}
          <Rejections rejected={value.rejected} />
        </Scroll>
      )}
    </Panel>
  )
}

const InForce = ({ policy, now }: { policy: PolicyInfo; now: number }) => {
  const { t, language } = useSpeech()
  const { version, since, lost } = policy
  if (lost !== '')
    return (
      <p>
        <Mark tone="bad" text={t('policy-lost')} /> <span class="minor">{lost}</span>
      </p>
    )
  return (
    <>
      <p>
        <Mark tone="good" text={t('in-force')} /> <Name scores={policy} />
        {since > 0 && <span class="minor"> {t(version === 0 ? 'since-start' : 'since-for', { time: span(now - since, language) })}</span>}
      </p>
      <Rules rules={policy.rules} />
      <h3>{t('refused-here')}</h3>
      <Decisions decisions={policy.refusals} empty={t('none-refused')} />
    </>
  )
}

type Rehearsal = NonNullable<PolicyInfo['rehearsal']>

const Figures = ({ tried: { seen, different } }: { tried: Rehearsal }) => {
  const { t, language } = useSpeech()
  const text = t('rehearsal-figures', { different: number(different, language), seen: number(seen, language) })
  return <Mark tone={different > 0 ? 'warn' : 'good'} text={text} />
}

const Tried = ({ tried }: { tried: Rehearsal }) => {
  const { t } = useSpeech()
  return (
    <>
      <h3>
        {t('rehearsal')} <Name scores={tried} />
      </h3>
      <Decisions decisions={tried.differences} empty={t('no-differences')} />
      <Rules rules={tried.rules} />
    </>
  )
}

const Name = ({ scores: { id, version, signer } }: { scores: PolicyScores }) => {
  const { t } = useSpeech()
  if (version === 0) return <strong>{t('own-file')}</strong>
  return (
    <>
      <strong>{id}</strong> {t('version', { version })}
      <span class="minor"> {signer === '' ? t('unsigned') : t('signed-by-admin', { node: signer })}</span>
    </>
  )
}

const Columns = ({ keys, children }: { keys: readonly TextKey[]; children: ComponentChildren }) => (
  <table class="trust">
    <TableHead columns={keys} />
    <tbody>{children}</tbody>
  </table>
)

const Rules = ({ rules }: { rules: readonly RuleInfo[] }) => {
  const { t, language } = useSpeech()
  if (rules.length === 0) return <p class="empty">{t('no-rules')}</p>
  return (
    <Columns keys={['rule', 'who', 'may-ask', 'hits']}>
      {rules.map(({ id, kind, who, actions, hits }) => (
        <tr key={`${kind} ${id}`}>
          <th scope="row">
            <code>{id}</code>
          </th>
          <td>
            {who === '' ? t('nobody-named') : who}
            {kind === 'demands' && <div class="minor">{t('must-sign')}</div>}
          </td>
          <td>{actions.join(', ')}</td>
          <td class="n left">{number(hits, language)}</td>
        </tr>
      ))}
    </Columns>
  )
}

const DECISIONS = ['accept', 'reject', 'drop', 'pass'] as const

/** What was decided; of a rehearsal also what it would have been. */
const Decisions = ({ decisions, empty }: { decisions: readonly Decision[]; empty: string }) => {
  const { t, language } = useSpeech()
  if (decisions.length === 0) return <p class="empty">{empty}</p>
  const word = (decision: string): string => {
    const known = DECISIONS.find((each) => each === decision)
    return known ? t(`decision-${known}` satisfies TextKey) : decision
  }
  return (
    <Columns keys={['time', 'from-to', 'action', 'decided', 'rule']}>
      {decisions.map(({ at, origin, destination, action, decision, inForce, rule, reason }, i) => (
        <tr key={`${at} ${i}`}>
          <td class="n left">{clockTime(at, language)}</td>
          <td>
            {origin} <span aria-hidden="true">→</span> {destination}
          </td>
          <td>{action}</td>
          <td>{inForce === '' ? word(decision) : t('would-be', { now: word(inForce), tried: word(decision) })}</td>
          <td>
            <code>{rule}</code>
            <div class="minor">{reason}</div>
          </td>
        </tr>
      ))}
    </Columns>
  )
}

const POLICY_FLAWS = ['malformed', 'unsigned', 'unknown-key', 'not-admin', 'broken', 'other-node', 'older'] as const

const Rejections = ({ rejected }: { rejected: readonly Rejected[] }) => {
  const { t, language } = useSpeech()
  const word = (flaw: string): string => {
    const known = POLICY_FLAWS.find((each) => each === flaw)
    return known ? t(`policy-${known}` satisfies TextKey) : flaw
  }
  return (
    <>
      <h3>{t('rejected-documents')}</h3>
      {rejected.length === 0 ? (
        <p class="empty">{t('none-rejected')}</p>
      ) : (
        <Columns keys={['time', 'why']}>
          {rejected.map(({ at, flaw, reason }, i) => (
            <tr key={`${at} ${i}`}>
              <td class="n left">{clockTime(at, language)}</td>
              <td>
                <Mark tone="bad" text={word(flaw)} />
                <div class="minor">{reason}</div>
              </td>
            </tr>
          ))}
        </Columns>
      )}
    </>
  )
}
