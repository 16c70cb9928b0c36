// What stood beside the signed bytes: where the session is said to have been, and every other detail. Nobody signed it, and that is said first.
import { useState } from 'preact/hooks'
import type { RecordReport, SessionReport } from '../../../src/transparency/index.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { placeOf } from './place.ts'

export const Beside = ({ record: { unsigned = [] } }: { record: RecordReport }) => {
  const { t } = useSpeech()
  if (unsigned.length === 0) return null
  return (
    <section class="beside">
      <h3>
        {t('beside')} <Mark tone="warn" text={t('signature-absent')} />
      </h3>
      <p>{t('beside-why')}</p>
      <dl class="pairs">
        {unsigned.map(({ name, value }, i) => (
          <div key={`${i} ${name}`}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** The address at once; coordinates when they are asked for, as an address that only the reader's own map would open. */
export const PlaceLine = ({ session }: { session: SessionReport }) => {
  const { t } = useSpeech()
  const [asked, setAsked] = useState(false)
  const place = placeOf(session)
  if (place === undefined) return null
  return (
    <p class="place">
      {t('place')} {place.address !== '' && <strong>{place.address}</strong>}{' '}
      {place.geo !== undefined && !asked && (
        <button type="button" class="plain" onClick={() => setAsked(true)}>
          {t('coordinates')}
        </button>
      )}
      {place.geo !== undefined && asked && <a href={place.geo}>{place.geo}</a>} <Mark tone="warn" text={t('signature-absent')} />
    </p>
  )
}
