// Orders about monitors and event streams, as OCPP 2.0.1 and 2.1 word them (Part 2 N04, N06, N12, N14). Streams are known to 2.1 alone.
import type { OCPP21 } from 'typed-ocpp'
import { lookUp } from './device-model.ts'
import type { Monitor } from './monitors.ts'
import { present } from './profile-mapping.ts'
import type { Site } from './site.ts'
import { type Command, command } from './vocabulary.ts'

type Asked = OCPP21.SetVariableMonitoringRequest['setMonitoringData'][number]
type Result = OCPP21.SetVariableMonitoringResponse['setMonitoringResult'][number]

export const MONITOR_COMMANDS_201: Readonly<Record<string, Command>> = {
  SetVariableMonitoring: command<OCPP21.SetVariableMonitoringRequest, object>(async ({ setMonitoringData }, site) => {
    const setMonitoringResult: Result[] = []
    for (const asked of setMonitoringData) setMonitoringResult.push(await setOne(asked, site))
    site.soon(() => site.monitors.begin())
    return { setMonitoringResult }
  }),
  ClearVariableMonitoring: command<OCPP21.ClearVariableMonitoringRequest, object>(async ({ id: ids }, site) => {
    const clearMonitoringResult: object[] = []
    for (const id of ids) clearMonitoringResult.push({ id, status: (await site.monitors.clear(id)) ? 'Accepted' : 'NotFound' })
    return { clearMonitoringResult }
  }),
}

export const MONITOR_COMMANDS_21: Readonly<Record<string, Command>> = {
  GetPeriodicEventStream: command<OCPP21.GetPeriodicEventStreamRequest, object>((_request, { monitors }) => {
    const constantStreamData = monitors.streams.map(({ id, stream = {} }) => ({ id, variableMonitoringId: id, params: stream }))
    return constantStreamData.length === 0 ? {} : { constantStreamData }
  }),
  AdjustPeriodicEventStream: command<OCPP21.AdjustPeriodicEventStreamRequest, object>(async ({ id, params }, { monitors }) => ({
    status: (await monitors.adjust(id, params)) ? 'Accepted' : 'Rejected',
  })),
}

const setOne = async (asked: Asked, site: Site): Promise<Result> => {
  const { component, variable, type, severity, id } = asked
  const outcome = await placed(asked, site)
  const about = { component, variable, type, severity }
  return typeof outcome === 'number' ? { ...about, status: 'Accepted', id: outcome } : { ...about, status: outcome, ...present({ id }) }
}

const placed = async (asked: Asked, site: Site): Promise<number | Exclude<Result['status'], 'Accepted'>> => {
  const { component, variable, value, type, severity, transaction, periodicEventStream, id } = asked
  const answer = lookUp(site, { component, variable })
  if ('missing' in answer) return answer.missing === 'UnknownComponent' ? 'UnknownComponent' : 'UnknownVariable'
  if (!isPeriodic(type)) return 'UnsupportedMonitorType'
  // what is watched here is watched whether or not somebody charges
  if (transaction) return 'Rejected'
  return site.monitors.set({ component, variable, type, value, severity, ...present({ id, stream: periodicEventStream }) })
}

const isPeriodic = (type: Asked['type']): type is Monitor['type'] => type === 'Periodic' || type === 'PeriodicClockAligned'
