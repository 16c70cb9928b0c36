// StatusNotification: the last state of each connector (OCPP 1.6 §4.9, 2.x G01). The message heard last wins, whatever its
// timestamp says, because a station's clock may start in 1970 after a power cut.
import { type Behaviour, for2x, type Outcome, type Received } from './behaviour.ts'
import { documentOf, integerOf, textOf } from './fields.ts'
import { isoTime, readMoment } from './time.ts'

/** Row of the collection `connectors`, by `station/connector` (1.6; 0 is the station itself) or `station/evse/connector` (2.x). */
export interface ConnectorDocument {
  readonly evseId?: number
  readonly connectorId: number
  readonly status: string
  readonly errorCode?: string | undefined
  readonly info?: string | undefined
  readonly vendorErrorCode?: string | undefined
  readonly at: string
}

export const status: Behaviour = {
  once: false,
  handlers: {
    'ocpp1.6': {
      StatusNotification: (received) => {
        const { payload, at } = received
        return keep(received, {
          connectorId: integerOf(payload.connectorId) ?? 0,
          status: textOf(payload.status) ?? '',
          errorCode: textOf(payload.errorCode),
          info: textOf(payload.info),
          vendorErrorCode: textOf(payload.vendorErrorCode),
          at: isoTime(readMoment(payload.timestamp, at).at),
        })
      },
    },
    ...for2x({
      StatusNotification: (received) => {
        const { payload, at } = received
        return keep(received, {
          evseId: integerOf(payload.evseId) ?? 0,
          connectorId: integerOf(payload.connectorId) ?? 0,
          status: textOf(payload.connectorStatus) ?? '',
          at: isoTime(readMoment(payload.timestamp, at).at),
        })
      },
    }),
  },
}

const keep = ({ station }: Received, document: ConnectorDocument): Outcome => {
  const { evseId, connectorId } = document
  const key = evseId === undefined ? `${station}/${connectorId}` : `${station}/${evseId}/${connectorId}`
  return {
    answer: {},
    changes: [{ collection: 'connectors', key, value: documentOf(document) }],
    events: [{ type: 'status', data: documentOf({ station, ...document }) }],
  }
}
