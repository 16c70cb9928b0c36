// One session: the verdict for the one who pays, what the key is worth, every check, every record.
import {
  type CheckReport,
  type CostReport,
  KEY_TRUST_SENTENCES,
  type Language as Notation,
  type SessionReport,
  VERDICT_SENTENCES,
  VERDICT_WORDS,
} from '../../../src/transparency/index.ts'
import { decimal, grouped, kilowattHours, lasting, meterTime } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { PlaceLine } from './beside.tsx'
import { KeySigners } from './key-signers.tsx'
import { Records } from './records.tsx'
import { sentenceOf } from './sentence.ts'
import { CHECKS, KEY_TRUST, VERDICTS } from './words.ts'

export const SessionView = ({ session }: { session: SessionReport }) => (
  <>
    <Headline session={session} />
    <Checks checks={session.checks} />
    <Records session={session} />
  </>
)

const Headline = ({ session }: { session: SessionReport }) => {
  const { t, say } = useSpeech()
  const tone = VERDICTS[session.verdict]
  const trust = KEY_TRUST[session.keyTrust]
  const failed = session.checks.find((check) => check.state === 'fail')
  return (
    <section class={`panel verdict ${tone}`} aria-labelledby="verdict">
      <h2 id="verdict">
        <Mark tone={tone} text={say(VERDICT_WORDS, session.verdict)} />
        {session.verdict === 'valid' && <Mark tone={trust.tone} text={`${t('key')} ${t(trust.name)}`} />}
      </h2>
      <p class="sentence">{say(VERDICT_SENTENCES, session.verdict)}</p>
      {failed !== undefined && <p class="because">{sentenceOf(failed, say)}</p>}
      <Facts session={session} />
      <PlaceLine session={session} />
      <KeyTrustView session={session} />
    </section>
  )
}

const Facts = ({ session: { energyWh, cost, soFar, begin, end, meter } }: { session: SessionReport }) => {
  const { t, notation } = useSpeech()
  const lasted = begin === undefined || end === undefined ? undefined : lasting(Date.parse(begin), Date.parse(end))
  const facts = [
    soFar === undefined
      ? { name: t('energy'), value: energyWh && kilowattHours(energyWh, notation) }
      : { name: t('energy-so-far', { time: meterTime(soFar.time, notation) }), value: kilowattHours(soFar.energyWh, notation) },
    { name: t('begin'), value: begin && meterTime(begin, notation) },
    { name: t('end'), value: end && meterTime(end, notation) },
    { name: t('lasted'), value: lasted },
    ...costs(t('cost'), cost, notation),
    ...costs(t('cost-so-far'), soFar?.cost, notation),
    { name: t('meter'), value: meter.id },
  ]
  return (
    <dl class="facts">
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value || <span class="minor">{t('unknown')}</span>}</dd>
        </div>
      ))}
    </dl>
  )
}

const costs = (name: string, cost: CostReport | undefined, notation: Notation) =>
  cost === undefined
    ? []
    : [{ name, value: `${decimal(cost.amount, notation)} ${cost.currency} (${decimal(cost.exactCents, notation)} / 100; ${cost.tariff})` }]

const KeyTrustView = ({ session: { keyTrust, meter, records } }: { session: SessionReport }) => {
  const { t, say } = useSpeech()
  const { tone, name, more } = KEY_TRUST[keyTrust]
  return (
    <div class="key-trust">
      <h3>
        {t('key')} <Mark tone={tone} text={t(name)} />
      </h3>
      <p>
        {say(KEY_TRUST_SENTENCES, keyTrust)} {more !== undefined && t(more)}
      </p>
      <KeySigners signers={records.flatMap(({ signature }) => signature.keySigners ?? [])} />
      {meter.keyFingerprint !== undefined && (
        <p class="minor">
          {t('fingerprint')} <code class="hex">{grouped(meter.keyFingerprint)}</code>
        </p>
      )}
    </div>
  )
}

const ATTENTION = ['fail', 'warn', 'skip'] as const

/** What needs attention comes first and in full; what passed stands together below. */
const Checks = ({ checks }: { checks: readonly CheckReport[] }) => {
  const { t } = useSpeech()
  const noted = ATTENTION.flatMap((state) => checks.filter((check) => check.state === state)).filter(isNew)
  const passed = checks.filter((check) => check.state === 'pass')
  const list = (some: readonly CheckReport[]) => some.map((check, i) => <Check key={`${i} ${check.id}`} check={check} />)
  return (
    <Panel title={t('checks')} class="checks">
      {noted.length > 0 && <ul>{list(noted)}</ul>}
      {passed.length > 0 && <ul class="passed">{list(passed)}</ul>}
    </Panel>
  )
}

/** Two checks may fail for one reason, such as a missing key: it is told once. */
const isNew = (check: CheckReport, index: number, all: readonly CheckReport[]): boolean => {
  const reasonOf = ({ state, code, detail, records }: CheckReport): string => JSON.stringify([state, code, detail, records])
  return check.code === undefined || all.findIndex((other) => reasonOf(other) === reasonOf(check)) === index
}

const Check = ({ check }: { check: CheckReport }) => {
  const { t, say } = useSpeech()
  const { tone, name } = CHECKS[check.state]
  return (
    <li class={`check-${check.state}`}>
      <Mark tone={tone} text={t(name)} />
      <div>
        <span>{sentenceOf(check, say)}</span> <code>{check.code ?? check.id}</code>
        {check.detail !== undefined && <p class="minor">{check.detail}</p>}
        {check.records !== undefined && check.state !== 'pass' && check.records.length > 0 && (
          <p class="minor">
            {t('in-records')}{' '}
            {check.records.map((id) => (
              <a key={id} href={`#${id}`}>
                {id}
              </a>
            ))}
          </p>
        )}
      </div>
    </li>
  )
}
