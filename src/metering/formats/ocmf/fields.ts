// What the specification calls the fields of an OCMF payload, for the evidence.
import { jsonFields } from '../../json-fields.ts'
import type { SignedField } from '../../reading.ts'

/** @param payload from `{` to its `}`, as signed; read before without a fault */
export const ocmfFields = (payload: string): SignedField[] => jsonFields(payload, MEANINGS)

// OCMF 1.4 tables 1 to 7; VI and VV are what version 0.1 called GI and GV
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['FV', 'format version'],
  ['GI', 'gateway identification'],
  ['GS', 'gateway serial'],
  ['GV', 'gateway version'],
  ['VI', 'vendor identification'],
  ['VV', 'vendor version'],
  ['PG', 'pagination'],
  ['MV', 'meter vendor'],
  ['MM', 'meter model'],
  ['MS', 'meter serial'],
  ['MF', 'meter firmware'],
  ['IS', 'user identified'],
  ['IL', 'identification level'],
  ['IF', 'identification flag'],
  ['IT', 'identification type'],
  ['ID', 'identification data'],
  ['TT', 'tariff text'],
  ['CF', 'charge controller firmware'],
  ['LN', 'cable name'],
  ['LI', 'cable identification'],
  ['LR', 'cable resistance'],
  ['LU', 'unit of the cable resistance'],
  ['CT', 'charge point identification type'],
  ['CI', 'charge point identification'],
  ['TM', 'time and its status'],
  ['TX', 'transaction marker'],
  ['RV', 'reading value'],
  ['RI', 'reading identification (OBIS)'],
  ['RU', 'reading unit'],
  ['RT', 'current type'],
  ['CL', 'cumulated losses'],
  ['EI', 'event counter'],
  ['EF', 'error flags'],
  ['ST', 'meter status'],
])
