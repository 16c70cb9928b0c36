// A signing energy meter with its gateway: a register that counts, and OCMF records of what it shows. The station reads it;
// it knows nothing of OCPP. OCMF: Open Charge Metering Format 1.0, fields of §4.2.
import { hex, utf8 } from '../base/bytes.ts'
import type { Change, Clock, Store } from '../base/ports.ts'
import { rawToDer, writeSpki } from '../crypto/der.ts'
import type { Signer } from '../crypto/engine.ts'

export interface MeterOptions {
  readonly serial: string
  readonly vendor?: string
  readonly model?: string
  readonly firmware?: string
  readonly signer: Signer
  readonly clock: Clock
  readonly store: Store
  readonly gateway: { readonly id: string; readonly serial: string; readonly version: string }
  readonly supply?: 'AC' | 'DC'
  /** Of the charge point, for CT/CI. */
  readonly evseId?: string
  /** What the register shows when the meter is taken into use; meters are tested before they are sold. */
  readonly startWh?: number
}

export interface Reading {
  readonly time: number
  /** Whole watt-hours, as the display shows them. */
  readonly energyWh: number
  readonly powerW: number
}

/** What a signed record says besides the reading. `tx`: B begin, C charging, E end (OCMF 1.0 table 7). */
export interface Stamp {
  readonly tx: 'B' | 'C' | 'E'
  readonly idType: 'ISO14443' | 'CENTRAL' | 'NONE'
  readonly id: string
  readonly level: string
  readonly flags: readonly string[]
}

export interface SignedReading extends Reading {
  /** `OCMF|{payload}|{signature}`. */
  readonly text: string
  readonly method: string
  readonly publicKeyHex: string
}

export interface Meter {
  readonly serial: string
  /** SubjectPublicKeyInfo, DER in hex. */
  readonly publicKeyHex: string
  /** From now on this much flows, in whole watts. */
  setPower(watts: number): void
  reading(): Reading
  /** Uses up a pagination number. The text must not leave before `changes()` are committed, or a number could come twice after a power cut. */
  signedReading(stamp: Stamp): SignedReading
  /** The register and the pagination as they stand, to be committed together with what depends on them. */
  changes(): Change[]
}

const COLLECTION = 'station-meter'
/** The register counts millijoules (1 W for 1 ms), so that no rounding ever adds up. */
const MILLIJOULES_PER_WH = 3_600_000

/** Curve to the name of OCMF 1.0 table 22; these are the curves the signature section can name. */
const METHODS: Readonly<Record<string, string>> = {
  secp192k1: 'ECDSA-secp192k1-SHA256',
  secp192r1: 'ECDSA-secp192r1-SHA256',
  secp256k1: 'ECDSA-secp256k1-SHA256',
  secp256r1: 'ECDSA-secp256r1-SHA256',
  secp384r1: 'ECDSA-secp384r1-SHA256',
  brainpoolP256r1: 'ECDSA-brainpool256r1-SHA256',
  brainpoolP384r1: 'ECDSA-brainpool384r1-SHA256',
}

interface State {
  readonly millijoules: number
  readonly pagination: number
}

/**
 * @throws Fault `algorithm-unsupported` from the signer where it cannot compute
 */
export const createMeter = (options: MeterOptions): Meter => {
  const { clock, store, serial, signer } = options
  const publicKeyHex = hex(writeSpki(signer.publicKey))
  const method = METHODS[signer.publicKey.curve] ?? 'ECDSA-secp256r1-SHA256'
  const kept = store.get(COLLECTION, serial) as State | undefined
  let millijoules = kept?.millijoules ?? (options.startWh ?? 3_491_400) * MILLIJOULES_PER_WH
  let pagination = kept?.pagination ?? 0
  let powerW = 0
  let since = clock.now()

  const advance = (): number => {
    const now = clock.now()
    // a clock set back must not run the register backwards
    if (now > since) millijoules += powerW * (now - since)
    since = now
    return now
  }
  const reading = (): Reading => ({ time: advance(), energyWh: Math.floor(millijoules / MILLIJOULES_PER_WH), powerW })

  return {
    serial,
    publicKeyHex,
    reading,
    setPower: (watts) => {
      advance()
      powerW = Math.max(0, Math.round(watts))
    },
    signedReading: (stamp) => {
      const shown = reading()
      pagination += 1
      const payload = payloadText(options, stamp, { ...shown, pagination })
      const signature = rawToDer(signer.sign('SHA-256', utf8(payload)))
      return { ...shown, text: `OCMF|${payload}|${JSON.stringify({ SA: method, SD: hex(signature).toUpperCase() })}`, method, publicKeyHex }
    },
    changes: () => {
      advance()
      return [{ collection: COLLECTION, key: serial, value: { millijoules, pagination } }]
    },
  }
}

/** The reading's value is written with its three decimals, trailing zeros too: the number of decimals states the resolution. */
const payloadText = (options: MeterOptions, stamp: Stamp, shown: Reading & { pagination: number }): string => {
  const { gateway } = options
  const head = {
    FV: '1.0',
    GI: gateway.id,
    GS: gateway.serial,
    GV: gateway.version,
    PG: `T${shown.pagination}`,
    MV: options.vendor ?? 'Chargeproof',
    MM: options.model ?? 'CP-SIM-1',
    MS: options.serial,
    MF: options.firmware ?? '1.0',
    IS: stamp.idType !== 'NONE',
    IL: stamp.level,
    IF: stamp.flags,
    IT: stamp.idType,
    ID: stamp.id,
    CT: 'EVSEID',
    CI: options.evseId ?? '',
  }
  const kWh = (shown.energyWh / 1000).toFixed(3)
  const tail = { RI: '1-b:1.8.0', RU: 'kWh', RT: options.supply ?? 'AC', EF: '', ST: 'G' }
  const reading = `{"TM":"${ocmfTime(shown.time)}","TX":"${stamp.tx}","RV":${kWh},${JSON.stringify(tail).slice(1)}`
  return `${JSON.stringify(head).slice(0, -1)},"RD":[${reading}]}`
}

/** OCMF 1.0 table 7, TM: a comma before the milliseconds; S says that the clock is synchronised (to the back end's, by OCPP). */
const ocmfTime = (time: number): string => `${new Date(time).toISOString().replace('.', ',').replace('Z', '+0000')} S`
