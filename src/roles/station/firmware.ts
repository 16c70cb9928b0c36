// The firmware of a simulated station: fetched, checked, installed once nobody charges, and proven by a boot. What it was told to do and how
// far it is outlives a power cut. OCPP 2.x L01, L02; 1.6 §5.19, security whitepaper §2.
import { asFault } from '../../base/fault.ts'
import type { Cancel, Clock, Store } from '../../base/ports.ts'
import { documentOf } from '../behaviours/fields.ts'
import { readImage } from '../firmware/image.ts'
import { isSignedBy, type Manufacturer, signingKey } from '../firmware/signing-certificate.ts'
import { unfit } from '../firmware/station-row.ts'
import { FIRMWARE_STATUS, type FirmwareStatus } from '../firmware/status.ts'
import type { StationFiles } from './files.ts'
import type { Log } from './parts.ts'

export interface UpdateOrder {
  /** 1.6 without signatures has none. */
  readonly requestId?: number
  readonly location: string
  readonly retrieveAt: number
  readonly installAt?: number
  readonly retries: number
  readonly intervalMs: number
  /** Base64, and the PEM certificate of the key. */
  readonly signature?: string
  readonly certificate?: string
}

export interface FirmwareParts {
  readonly store: Store
  readonly clock: Clock
  readonly station: string
  readonly vendor: string
  readonly model: string
  /** What it was delivered with. */
  readonly version: string
  readonly files: StationFiles
  /** Without it nothing is signed, and nothing checked but what the file says it is. */
  readonly manufacturer?: Manufacturer
  readonly log: Log
  /** Says how far it is; rejects where nobody was told. */
  say(status: FirmwareStatus, order: UpdateOrder | undefined): Promise<unknown>
  /** An event of 2.x A04, by its name there. */
  alarm(type: string): void
  isCharging(): boolean
  reboot(): void
}

interface Kept {
  readonly version: string
  readonly order?: UpdateOrder
  readonly status?: FirmwareStatus
  /** Whether the back end has answered the status. */
  readonly told?: boolean
}

/** Why an update ends without an installation; the status that says so. */
class Failure extends Error {
  readonly status: FirmwareStatus
  constructor(status: FirmwareStatus) {
    super(status)
    this.status = status
  }
}

const COLLECTION = 'station-firmware'
/** Until the file is written where it belongs. */
const INSTALL_MS = 500

export class Firmware {
  readonly #parts: FirmwareParts
  #kept: Kept
  #waiting: { readonly cancel: Cancel; readonly go: () => void } | undefined
  /** Counts the updates begun: one that was taken back finds that it is not the latest. */
  #generation = 0
  #isIdle: (() => void) | undefined

  constructor(parts: FirmwareParts) {
    this.#parts = parts
    const kept = parts.store.get(COLLECTION, parts.station)
    this.#kept = kept === undefined ? { version: parts.version } : (kept as object as Kept)
  }

  /** Whether it takes nothing that its manufacturer has not signed. */
  get isSigned(): boolean {
    return this.#parts.manufacturer !== undefined
  }

  get version(): string {
    return this.#kept.version
  }

  /** Power is on: an update that a power cut ended begins again, for nothing of the file was kept. */
  start(): void {
    const { order } = this.#kept
    if (order && !this.#isOver) this.#begin(order)
  }

  stop(): void {
    this.#generation += 1
    this.#waiting?.cancel()
    this.#waiting = undefined
  }

  /** L01.FR.20 and the rest: the certificate is looked at before anything else, an update that is under way gives way to a new one. */
  async order(order: UpdateOrder): Promise<'Accepted' | 'AcceptedCanceled' | 'InvalidCertificate' | 'Rejected'> {
    const running = this.#kept.order !== undefined && !this.#isOver
    if (running && this.#kept.order?.requestId === order.requestId && order.requestId !== undefined) return 'Accepted'
    if (running && this.#kept.status === 'Installing') return 'Rejected'
    if (this.#parts.manufacturer && !this.#keyOf(order)) {
      this.#parts.alarm('InvalidFirmwareSigningCertificate')
      return 'InvalidCertificate'
    }
    this.stop()
    const { status: _, told: __, ...rest } = this.#kept
    await this.#keep({ ...rest, order })
    this.#parts.clock.after(0, () => this.#begin(order))
    return running ? 'AcceptedCanceled' : 'Accepted'
  }

  /** How far it is, on demand (2.x F06, L01.FR.25, L01.FR.26): Idle where nothing is under way. */
  tell(): void {
    const status = this.#isOver || this.#kept.status === undefined ? 'Idle' : this.#kept.status
    this.#said(this.#parts.say(status, status === 'Idle' ? undefined : this.#kept.order))
  }

  /** The back end can be reached: what it has not heard is said again. */
  online(): void {
    const { status, told, order } = this.#kept
    if (status !== undefined && told === false) this.#said(this.#parts.say(status, order), () => this.#keep({ ...this.#kept, told: true }))
  }

  /** Nobody charges any more. */
  idle(): void {
    this.#isIdle?.()
  }

  get #isOver(): boolean {
    const { status } = this.#kept
    return status !== undefined && FIRMWARE_STATUS[status] !== 'under way'
  }

  #begin(order: UpdateOrder): void {
    this.#generation += 1
    const generation = this.#generation
    this.#run(order, generation).catch((thrown) => {
      if (generation !== this.#generation) return
      if (thrown instanceof Failure) this.#report(thrown.status).catch((fault) => this.#failed(fault))
      else this.#failed(thrown)
    })
  }

  async #run(order: UpdateOrder, generation: number): Promise<void> {
    const { clock } = this.#parts
    const isLate = (): boolean => generation !== this.#generation
    if (order.retrieveAt > clock.now()) await this.#report('DownloadScheduled')
    await this.#until(order.retrieveAt)
    if (isLate()) return
    const file = await this.#download(order, isLate)
    if (file === undefined) return
    await this.#report('Downloaded')
    const version = await this.#checked(order, file)
    if (order.installAt !== undefined && order.installAt > clock.now()) await this.#report('InstallScheduled')
    await this.#until(order.installAt ?? 0)
    if (this.#parts.isCharging()) await this.#untilIdle()
    if (isLate()) return
    await this.#report('Installing')
    await this.#until(clock.now() + INSTALL_MS)
    if (isLate()) return
    // the version and the news of it in one commit: a power cut here leaves the old one or the new one
    await this.#keep({ version, order, status: 'Installed', told: false })
    this.#parts.alarm('FirmwareUpdated')
    this.#parts.reboot()
  }

  async #download(order: UpdateOrder, isLate: () => boolean): Promise<Uint8Array | undefined> {
    await this.#report('Downloading')
    for (let tries = 0; ; tries++) {
      if (isLate()) return undefined
      try {
        return await this.#parts.files.fetch(order.location)
      } catch (thrown) {
        this.#parts.log('warn', 'a firmware file could not be fetched', { code: asFault(thrown).code, tries })
        if (tries >= order.retries) throw new Failure('DownloadFailed')
        await this.#until(this.#parts.clock.now() + order.intervalMs)
      }
    }
  }

  /** The version of a file that is signed, for this station, and not older than what it has. */
  async #checked(order: UpdateOrder, file: Uint8Array): Promise<string> {
    const { manufacturer, vendor, model, alarm } = this.#parts
    if (manufacturer) {
      const key = this.#keyOf(order)
      if (!key || order.signature === undefined || !isSignedBy(file, order.signature, key, manufacturer.engine)) {
        alarm('InvalidFirmwareSignature')
        throw new Failure('InvalidSignature')
      }
      await this.#report('SignatureVerified')
    }
    const image = readImage(file)
    const misfit = image && unfit({ ...image, id: '', bytes: 0, sha256: '', issued: 0 }, { vendor, model, firmware: this.version })
    if (image && misfit === undefined) return image.version
    this.#parts.log('warn', 'a firmware file is not for this station', { why: misfit ?? 'it is no firmware' })
    throw new Failure(order.requestId === undefined ? 'InstallationFailed' : 'InstallVerificationFailed')
  }

  #keyOf({ certificate }: UpdateOrder): ReturnType<typeof signingKey> {
    const { manufacturer, clock } = this.#parts
    return manufacturer && certificate !== undefined ? signingKey(certificate, manufacturer, clock.now()) : undefined
  }

  async #report(status: FirmwareStatus): Promise<void> {
    await this.#keep({ ...this.#kept, status, told: false })
    const { order } = this.#kept
    this.#said(this.#parts.say(status, order), () => {
      if (this.#kept.status === status) void this.#keep({ ...this.#kept, told: true }).catch((thrown) => this.#failed(thrown))
    })
  }

  #said(saying: Promise<unknown>, then: () => unknown = () => undefined): void {
    saying.then(then).catch((thrown) => this.#parts.log('warn', 'a firmware status was not taken', { code: asFault(thrown).code }))
  }

  #keep(kept: Kept): Promise<void> {
    this.#kept = kept
    return this.#parts.store.commit([{ collection: COLLECTION, key: this.#parts.station, value: documentOf(kept) }])
  }

  #until(time: number): Promise<void> {
    const { clock } = this.#parts
    if (time <= clock.now()) return Promise.resolve()
    return new Promise((go) => {
      this.#waiting = { go, cancel: clock.after(time - clock.now(), go) }
    })
  }

  async #untilIdle(): Promise<void> {
    await this.#report('InstallScheduled')
    if (!this.#parts.isCharging()) return
    await new Promise<void>((go) => {
      this.#isIdle = go
    })
    this.#isIdle = undefined
  }

  #failed(thrown: unknown): void {
    const { code, message } = asFault(thrown)
    this.#parts.log('error', 'an update could not go on', { code, why: message })
  }
}
