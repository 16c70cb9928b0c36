// What most vectors of containers carry: the begin and the end of one session, an end that was altered, and the next session of that meter.
import { beginRecord, endRecord, ocmfText } from './maker.ts'

export const BEGIN = ocmfText(beginRecord())
export const FINISH = ocmfText(endRecord())
/** The same session with a reading in between, of 15 kWh. */
export const THREE = [
  BEGIN,
  ocmfText(endRecord({}, { TX: 'C', TM: '2026-03-01T08:30:00,000+0100 S', RV: '#15.000' })),
  ocmfText(endRecord({ PG: 'T3' })),
]
/** More energy, under the signature of less. */
export const BAD = FINISH.replace('20.500', '30.500')
export const NEXT = [
  ocmfText(beginRecord({ PG: 'T3' }, { TM: '2026-03-01T10:00:00,000+0100 S', RV: '#20.500' })),
  ocmfText(endRecord({ PG: 'T4' }, { TM: '2026-03-01T11:00:00,000+0100 S', RV: '#22.000' })),
]
