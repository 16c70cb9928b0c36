// No exception during the session: from there on neither time nor energy may be billed (OCMF 1.4 §4.2.6, TX = X).
import { type Check, recordsOf } from './check.ts'

export const exception: Check = {
  id: 'exception',
  judge: ({ readings }) => {
    const such = readings.filter(({ reading }) => reading.marker === 'exception')
    return such.length === 0
      ? []
      : [{ state: 'fail', code: 'exception', detail: `${such.length} readings report an exception`, records: recordsOf(such) }]
  },
}
