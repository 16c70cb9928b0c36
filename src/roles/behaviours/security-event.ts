// SecurityEventNotification: kept with its time and told to whoever watches (OCPP 1.6 security whitepaper §5, 2.x A04).
import { type Behaviour, for2x, type Handler } from './behaviour.ts'
import { documentOf, textOf } from './fields.ts'
import { noticeOf } from './notify.ts'
import { isoTime, readMoment } from './time.ts'

const keep: Handler = (received) => {
  const { station, payload, at } = received
  const data = {
    station,
    kind: 'reported',
    event: textOf(payload.type) ?? '',
    at: isoTime(readMoment(payload.timestamp, at).at),
    detail: textOf(payload.techInfo),
  }
  return { answer: {}, changes: [noticeOf(received)], events: [{ type: 'security', data: documentOf(data) }] }
}

export const securityEvent: Behaviour = {
  once: true,
  handlers: { 'ocpp1.6': { SecurityEventNotification: keep }, ...for2x({ SecurityEventNotification: keep }) },
}
