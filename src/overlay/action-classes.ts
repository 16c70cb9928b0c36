// Classes of actions that rules may name instead of listing them. An action is a reader where it changes nothing at the station and
// sends nothing to an address that stands in the order.
import { Fault } from '../base/fault.ts'

const CLASSES = {
  '@read': [
    'GetBaseReport',
    'GetChargingProfiles',
    'GetCompositeSchedule',
    'GetConfiguration',
    'GetDERControl',
    'GetDisplayMessages',
    'GetInstalledCertificateIds',
    'GetLocalListVersion',
    'GetMonitoringReport',
    'GetPeriodicEventStream',
    'GetReport',
    'GetTariffs',
    'GetTransactionStatus',
    'GetVariables',
  ],
} as const satisfies Record<string, readonly string[]>

/**
 * The names in a list, with the members of a class in the place of its name.
 * @throws Fault `config-invalid` for a class that there is not
 */
export const actionsNamed = (names: readonly string[]): readonly string[] =>
  names.flatMap((name): readonly string[] => {
    if (!name.startsWith('@')) return [name]
    if (!isClass(name)) throw new Fault('config-invalid', `there is no class of actions called "${name}"`)
    return CLASSES[name]
  })

const isClass = (name: string): name is keyof typeof CLASSES => Object.hasOwn(CLASSES, name)
