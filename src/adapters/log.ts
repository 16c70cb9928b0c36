// The log of a process: JSON lines on standard error, one level for all nodes in it (CHARGEPROOF_LOG, `warn` unless given).
import { type Logger, pino } from 'pino'

export const logger = (level = process.env.CHARGEPROOF_LOG ?? 'warn'): Logger => pino({ level }, pino.destination({ dest: 2, sync: false }))
