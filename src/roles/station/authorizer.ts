// Who may charge: asks the back end, remembers its answers, and decides alone while it is out of reach.
// OCPP 2.0.1 C01, C10-C13; OCPP 1.6 §3.4, §4.1.
import { asFault } from '../../base/fault.ts'
import type { Clock, Store } from '../../base/ports.ts'
import type { Configuration } from './configuration.ts'
import type { Log } from './parts.ts'
import type { UserAssignment, Verdict } from './terms.ts'
import { isCardSerial } from './terms.ts'

export interface AuthorizerParts {
  readonly store: Store
  readonly clock: Clock
  readonly configuration: Configuration
  readonly station: string
  readonly log: Log
  /** The longest token the version can carry. */
  readonly tokenLength: number
  ask(token: string): Promise<Verdict>
}

export interface Authorization {
  readonly verdict: Verdict
  readonly user: UserAssignment
}

const COLLECTION = 'station-tokens'

export class Authorizer {
  readonly #parts: AuthorizerParts

  constructor(parts: AuthorizerParts) {
    this.#parts = parts
  }

  async authorize(token: string): Promise<Authorization> {
    if (token.length === 0 || token.length > this.#parts.tokenLength) return authorization(token, { status: 'Invalid' }, 'OCPP_NONE')
    let verdict: Verdict
    try {
      verdict = await this.#parts.ask(token)
    } catch (thrown) {
      this.#parts.log('info', 'deciding on a token alone', { code: asFault(thrown).code })
      return this.#alone(token)
    }
    await this.learn(token, verdict)
    return authorization(token, verdict, 'OCPP_AUTH')
  }

  /** The back end's word on a token, whichever answer it came with. A cache that cannot be written is a smaller cache, no fault. */
  async learn(token: string, verdict: Verdict): Promise<void> {
    if (!this.#parts.configuration.flag('cacheEnabled')) return
    try {
      await this.#parts.store.commit([{ collection: COLLECTION, key: this.#key(token), value: { ...verdict } }])
    } catch (thrown) {
      this.#parts.log('warn', 'a token could not be remembered', { code: asFault(thrown).code })
    }
  }

  async forgetAll(): Promise<void> {
    const rows = this.#parts.store.list(COLLECTION, { prefix: `${this.#parts.station}/` })
    await this.#parts.store.commit(rows.map(({ key }) => ({ collection: COLLECTION, key, value: undefined })))
  }

  #alone(token: string): Authorization {
    const { configuration, store, clock } = this.#parts
    const known = configuration.flag('cacheEnabled') ? (store.get(COLLECTION, this.#key(token)) as Verdict | undefined) : undefined
    if (known !== undefined && configuration.flag('authorizeOffline')) {
      const expired = known.expires !== undefined && known.expires <= clock.now()
      return authorization(token, expired ? { status: 'Expired' } : known, 'OCPP_CACHE')
    }
    // OCPP 2.0.1 C15: charge now, learn later whether it was right
    if (known === undefined && configuration.flag('unknownOffline')) return authorization(token, { status: 'Accepted' }, 'OCPP_NONE')
    return authorization(token, { status: 'Invalid' }, 'OCPP_NONE')
  }

  #key(token: string): string {
    return `${this.#parts.station}/${encodeURIComponent(token)}`
  }
}

/** OCMF 1.0 tables 3 and 4: a card read by the station and confirmed over OCPP is trusted; a cached one too; an unknown one is hearsay. */
const authorization = (token: string, verdict: Verdict, flag: 'OCPP_AUTH' | 'OCPP_CACHE' | 'OCPP_NONE'): Authorization => ({
  verdict,
  user: { token, level: flag === 'OCPP_NONE' ? 'HEARSAY' : 'TRUSTED', flags: [isCardSerial(token) ? 'RFID_PLAIN' : 'RFID_NONE', flag] },
})

/** A remote start: the token came from the back end, nobody held a card to the reader. */
export const remoteUser = (token: string): UserAssignment => ({ token, level: 'TRUSTED', flags: ['RFID_NONE', 'OCPP_RS'] })
