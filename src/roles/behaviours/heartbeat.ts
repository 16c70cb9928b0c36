// Heartbeat: the time, and nothing to keep (OCPP 1.6 §4.6, 2.x G02). That the station was heard of is the desk's to remember.
import { answerOnly, type Behaviour, for2x, type Handler } from './behaviour.ts'
import { isoTime } from './time.ts'

const beat: Handler = ({ at }) => answerOnly({ currentTime: isoTime(at) })

export const heartbeat: Behaviour = { once: false, handlers: { 'ocpp1.6': { Heartbeat: beat }, ...for2x({ Heartbeat: beat }) } }
