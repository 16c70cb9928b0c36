// The device model of OCPP 2.x: settings and facts of the station as variables of components. Part 2, appendix "referenced components".
import type { OCPP20 } from 'typed-ocpp'
import type { Json } from '../../base/ports.ts'
import { SETTING_NAMES, settingOf } from './configuration.ts'
import { supplyOf } from './parts.ts'
import { present } from './profile-mapping.ts'
import type { Site } from './site.ts'
import { iso } from './terms.ts'

type ComponentRef = OCPP20.GetVariablesRequest['getVariableData'][number]['component']
type VariableRef = OCPP20.GetVariablesRequest['getVariableData'][number]['variable']
type ReportEntry = NonNullable<OCPP20.NotifyReportRequest['reportData']>[number]
type Characteristics = NonNullable<ReportEntry['variableCharacteristics']>

interface Variable {
  readonly component: ComponentRef
  readonly variable: VariableRef
  readonly type: Characteristics['dataType']
  readonly unit?: string
  readonly maxLimit?: number
  readonly value: string
  /** Absent: read-only. */
  set?(value: string): Promise<boolean>
}

type Asked = { readonly component: ComponentRef; readonly variable: VariableRef; readonly attributeType?: string }
export type Lookup =
  | { readonly found: Variable }
  | { readonly missing: 'UnknownComponent' | 'UnknownVariable' | 'NotSupportedAttributeType' }

export const lookUp = (site: Site, { component, variable, attributeType = 'Actual' }: Asked): Lookup => {
  const ofComponent = variablesOf(site).filter((one) => sameComponent(one.component, component))
  if (ofComponent.length === 0) return { missing: 'UnknownComponent' }
  const found = ofComponent.find((one) => one.variable.name === variable.name && one.variable.instance === variable.instance)
  if (found === undefined) return { missing: 'UnknownVariable' }
  return attributeType === 'Actual' ? { found } : { missing: 'NotSupportedAttributeType' }
}

/** The text that a variable has now; nothing for what is no SetVariableData, or names none. */
export const variableNow = (site: Site, named: Json): string | undefined => {
  const { component, variable, attributeType } = (named ?? {}) as Partial<Asked>
  if (typeof component?.name !== 'string' || typeof variable?.name !== 'string') return undefined
  const answer = lookUp(site, { component, variable, ...(attributeType !== undefined && { attributeType }) })
  return 'found' in answer ? answer.found.value : undefined
}

/** The variables of a base report: all, those that can be configured, or those that tell the state (OCPP 2.0.1 B07). */
export const reportOf = (site: Site, base: 'FullInventory' | 'ConfigurationInventory' | 'SummaryInventory'): ReportEntry[] =>
  variablesOf(site)
    .filter((one) => base === 'FullInventory' || (base === 'SummaryInventory' ? one.variable.name === AVAILABILITY : one.set !== undefined))
    .map((one) => ({
      component: one.component,
      variable: one.variable,
      variableAttribute: [
        { value: one.value, mutability: one.set === undefined ? 'ReadOnly' : 'ReadWrite', persistent: one.set !== undefined },
      ],
      variableCharacteristics: { dataType: one.type, ...present({ unit: one.unit, maxLimit: one.maxLimit }), supportsMonitoring: true },
    }))

const AVAILABILITY = 'AvailabilityState'

const variablesOf = (site: Site): Variable[] => [
  ...settingsOf(site),
  ...factsOf(site),
  ...site.evses.flatMap((evse) => evseFacts(site, evse)),
]

const settingsOf = (site: Site): Variable[] =>
  SETTING_NAMES.flatMap((name) => {
    const { at, type, unit, writable } = settingOf(name)
    if (at === undefined) return []
    const [component, variable, instance] = at
    const entry: Variable = {
      component: { name: component },
      variable: { name: variable, ...(instance === undefined ? {} : { instance }) },
      type,
      value: site.configuration.text(name),
      ...(unit === undefined ? {} : { unit }),
      ...(writable === true ? { set: (value: string) => site.configuration.set(name, value) } : {}),
    }
    return [entry]
  })

const fact = (component: ComponentRef, name: string, value: string, type: Variable['type'] = 'string'): Variable => ({
  component,
  variable: { name },
  type,
  value,
})

const factsOf = (site: Site): Variable[] => {
  const { vendor, model, serial, firmware = '', id } = site.settings
  const station = { name: 'ChargingStation' }
  const working = site.evses.some(({ operative }) => operative)
  return [
    fact(station, 'VendorName', vendor),
    fact(station, 'Model', model),
    fact(station, 'SerialNumber', serial),
    fact(station, 'FirmwareVersion', firmware),
    fact(station, AVAILABILITY, working ? 'Available' : 'Unavailable', 'OptionList'),
    fact(station, 'SupplyPhases', supplyPhases(site), 'integer'),
    fact({ name: 'SecurityCtrlr' }, 'Identity', id),
    fact({ name: 'ClockCtrlr' }, 'DateTime', iso(site.now()), 'dateTime'),
    fact({ name: 'ClockCtrlr' }, 'TimeSource', 'Heartbeat', 'SequenceList'),
    fact({ name: 'SmartChargingCtrlr' }, 'Enabled', 'true', 'boolean'),
  ]
}

const evseFacts = (site: Site, { id, status, meter }: Site['evses'][number]): Variable[] => {
  const evse = { name: 'EVSE', evse: { id } }
  const connector = { name: 'Connector', evse: { id, connectorId: 1 } }
  const { powerW, energyWh } = meter.reading()
  const state = status === 'Available' || status === 'Unavailable' ? status : 'Occupied'
  return [
    fact(evse, AVAILABILITY, state, 'OptionList'),
    { ...fact(evse, 'Power', String(powerW), 'decimal'), unit: 'W', maxLimit: site.settings.maxPowerW },
    { ...fact({ name: 'FiscalMetering', evse: { id } }, 'EnergyImportRegister', String(energyWh), 'decimal'), unit: 'Wh' },
    fact(evse, 'SupplyPhases', supplyPhases(site), 'integer'),
    fact(connector, AVAILABILITY, state, 'OptionList'),
    fact(connector, 'ConnectorType', supplyOf(site.settings) === 'AC' ? 'cType2' : 'cCCS2'),
    fact(connector, 'SupplyPhases', supplyPhases(site), 'integer'),
  ]
}

const supplyPhases = (site: Site): string => (supplyOf(site.settings) === 'AC' ? '3' : '0')

const sameComponent = (a: ComponentRef, b: ComponentRef): boolean =>
  a.name === b.name && a.instance === b.instance && a.evse?.id === b.evse?.id && a.evse?.connectorId === b.evse?.connectorId
