// The rules of a sound session, in the order in which they are told. A check is one file and one entry here.
import { begin, end } from './checks/begin-end.ts'
import type { Check } from './checks/check.ts'
import { clock } from './checks/clock.ts'
import { duplicate } from './checks/duplicate.ts'
import { energy } from './checks/energy.ts'
import { exception } from './checks/exception.ts'
import { format } from './checks/format.ts'
import { key } from './checks/key.ts'
import { logbook } from './checks/logbook.ts'
import { meterStatus } from './checks/meter-status.ts'
import { pagination } from './checks/pagination.ts'
import { plausible } from './checks/plausible.ts'
import { signature } from './checks/signature.ts'
import { source } from './checks/source.ts'
import { strength } from './checks/strength.ts'
import { time } from './checks/time.ts'
import { told } from './checks/told.ts'
import { total } from './checks/total.ts'
import { usable } from './checks/usable.ts'
import { user } from './checks/user.ts'

export const CHECKS: readonly Check[] = [
  signature,
  key,
  format,
  begin,
  end,
  duplicate,
  pagination,
  time,
  energy,
  source,
  meterStatus,
  usable,
  exception,
  user,
  logbook,
  clock,
  plausible,
  total,
  told,
  strength,
]
