// The log of a simulated station: what it wrote of itself, sent where a back end wants it. OCPP 2.x N01; 1.6 §6.25 and security
// whitepaper §5.9. One at a time: a new order takes the place of the one before it (N01.FR.12).
import { utf8 } from '../../base/bytes.ts'
import { asFault } from '../../base/fault.ts'
import type { Clock } from '../../base/ports.ts'
import type { StationFiles } from './files.ts'
import type { Log } from './parts.ts'

/** `diagnostics` is the word of 1.6 without the whitepaper, which has other messages for it. */
export type LogKind = 'log' | 'diagnostics'

export interface LogOrder {
  readonly location: string
  readonly kind: LogKind
  readonly requestId?: number
  readonly from?: number
  readonly to?: number
  readonly retries: number
  readonly intervalMs: number
}

export interface LogsParts {
  readonly clock: Clock
  readonly station: string
  readonly files: StationFiles
  readonly log: Log
  say(kind: LogKind, status: LogStatus, requestId: number | undefined): Promise<unknown>
}

export type LogStatus = 'Idle' | 'Uploading' | 'Uploaded' | 'UploadFailed' | 'UploadFailure'

/** Lines that are kept; the oldest go. */
const MOST_LINES = 10_000

export class Logs {
  readonly #parts: LogsParts
  readonly #lines: { readonly at: number; readonly text: string }[] = []
  #order: LogOrder | undefined
  #status: LogStatus = 'Idle'

  constructor(parts: LogsParts) {
    this.#parts = parts
  }

  write(text: string): void {
    this.#lines.push({ at: this.#parts.clock.now(), text })
    if (this.#lines.length > MOST_LINES) this.#lines.shift()
  }

  async order(order: LogOrder): Promise<{ status: 'Accepted' | 'AcceptedCanceled'; filename: string }> {
    const { clock, station } = this.#parts
    const before = this.#order
    this.#order = order
    const filename = `${station}-${order.kind}-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}.txt`
    clock.after(0, () => void this.#upload(order, filename))
    return { status: before === undefined ? 'Accepted' : 'AcceptedCanceled', filename }
  }

  tell(kind: LogKind): void {
    const isOf = this.#order?.kind === kind
    this.#say(kind, isOf ? this.#status : 'Idle', isOf ? this.#order?.requestId : undefined)
  }

  async #upload(order: LogOrder, filename: string): Promise<void> {
    const { clock, files, log } = this.#parts
    this.#report(order, 'Uploading')
    const { from = 0, to = Number.POSITIVE_INFINITY } = order
    const lines = this.#lines.filter(({ at }) => at >= from && at <= to).map(({ at, text }) => `${new Date(at).toISOString()} ${text}\n`)
    for (let tries = 0; this.#order === order; tries++) {
      try {
        await files.send(order.location, filename, utf8(lines.join('')))
        return this.#report(order, 'Uploaded')
      } catch (thrown) {
        log('warn', 'a log could not be sent', { code: asFault(thrown).code, tries })
        if (tries >= order.retries) return this.#report(order, order.kind === 'diagnostics' ? 'UploadFailed' : 'UploadFailure')
        await new Promise<void>((go) => clock.after(order.intervalMs, go))
      }
    }
  }

  #report(order: LogOrder, status: LogStatus): void {
    if (this.#order !== order) return
    this.#status = status
    this.#say(order.kind, status, order.requestId)
    if (status !== 'Uploading') this.#order = undefined
  }

  #say(kind: LogKind, status: LogStatus, requestId: number | undefined): void {
    const { say, log } = this.#parts
    say(kind, status, requestId).catch((thrown) => log('warn', 'a log status was not taken', { code: asFault(thrown).code }))
  }
}
