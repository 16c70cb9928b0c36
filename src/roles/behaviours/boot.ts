// A station introduces itself: OCPP 1.6 §4.2, 2.x B01 to B03. Keeps what it says it is; whether it may connect at all was decided before.
import type { Change, Json } from '../../base/ports.ts'
import { type Behaviour, type Desk, for2x, type Outcome, type Received } from './behaviour.ts'
import { documentOf, type JsonObject, objectOf, textOf } from './fields.ts'
import { isoTime } from './time.ts'

/** Row of the collection `stations`, by station id. */
export interface StationDocument {
  readonly id: string
  readonly protocol: string
  readonly vendorName: string
  readonly model: string
  readonly serial?: string | undefined
  readonly firmware?: string | undefined
  readonly meterType?: string | undefined
  readonly meterSerial?: string | undefined
  readonly iccid?: string | undefined
  readonly imsi?: string | undefined
  readonly bootReason?: string | undefined
  readonly bootedAt: string
}

export const boot: Behaviour = {
  once: false,
  handlers: {
    'ocpp1.6': { BootNotification: (received, desk) => register(received, desk, describe16(received.payload)) },
    ...for2x({ BootNotification: (received, desk) => register(received, desk, describe2x(received.payload)) }),
  },
}

type Description = Omit<StationDocument, 'id' | 'protocol' | 'bootedAt'>

const describe16 = (payload: JsonObject): Description => ({
  vendorName: textOf(payload.chargePointVendor) ?? '',
  model: textOf(payload.chargePointModel) ?? '',
  serial: textOf(payload.chargePointSerialNumber) ?? textOf(payload.chargeBoxSerialNumber),
  firmware: textOf(payload.firmwareVersion),
  meterType: textOf(payload.meterType),
  meterSerial: textOf(payload.meterSerialNumber),
  iccid: textOf(payload.iccid),
  imsi: textOf(payload.imsi),
})

const describe2x = (payload: JsonObject): Description => {
  const station = objectOf(payload.chargingStation)
  const modem = objectOf(station.modem)
  return {
    vendorName: textOf(station.vendorName) ?? '',
    model: textOf(station.model) ?? '',
    serial: textOf(station.serialNumber),
    firmware: textOf(station.firmwareVersion),
    iccid: textOf(modem.iccid),
    imsi: textOf(modem.imsi),
    bootReason: textOf(payload.reason),
  }
}

const register = ({ station, version, at }: Received, { store, settings }: Desk, described: Description): Outcome => {
  const document = documentOf({ id: station, protocol: version, ...described, bootedAt: isoTime(at) } satisfies StationDocument)
  const status = settings.registration ?? 'Accepted'
  return {
    answer: { status, currentTime: isoTime(at), interval: settings.heartbeatSeconds },
    changes: [
      { collection: 'stations', key: station, value: document },
      ...forgetConnectors(store.get('stations', station), version, () => store.list('connectors', { prefix: `${station}/` })),
    ],
    events: [{ type: 'boot', data: { ...objectOf(document), registration: status } }],
  }
}

/** Connectors are counted differently by 1.6 and 2.x; after an upgrade the old rows would stay for ever. */
const forgetConnectors = (before: Json | undefined, version: string, rows: () => readonly { readonly key: string }[]): Change[] => {
  const protocol = textOf(objectOf(before).protocol)
  if (protocol === undefined || (protocol === 'ocpp1.6') === (version === 'ocpp1.6')) return []
  return rows().map(({ key }) => ({ collection: 'connectors', key, value: undefined }))
}
