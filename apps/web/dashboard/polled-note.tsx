// What stands in a panel whose content is not there, or is no longer new: why, and what to do.
import { clockTime } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import type { Polled } from './polled.ts'

export const PolledNote = ({ polled: { state, value, at } }: { polled: Polled<unknown> }) => {
  const { t, language } = useSpeech()
  if (state === 'known') return null
  if (state === 'loading') return <p class="empty">{t('loading')}</p>
  if (state === 'absent') return <p class="empty">{t('not-here')}</p>
  return (
    <p class="empty" role="status">
      <Mark tone="warn" text={value === undefined ? t('not-read') : t('not-read-since', { time: clockTime(at, language) })} />
    </p>
  )
}
