import { describe, expect, it } from 'vitest'
import { actionKind, actionsOf } from '../../src/ocpp/actions.ts'
import { VERSIONS } from '../../src/ocpp/version.ts'

describe('actions', () => {
  it.each([
    ['ocpp1.6', 39],
    ['ocpp2.0.1', 64],
    ['ocpp2.1', 91],
  ] as const)('of %s number %i', (version, count) => {
    expect(actionsOf(version)).toHaveLength(count)
    expect(new Set(actionsOf(version)).size).toBe(count)
  })

  it('are all asked with a CALL but one', () => {
    const sends = VERSIONS.flatMap((version) => actionsOf(version).filter((action) => actionKind(version, action) === 'send'))
    expect(sends).toEqual(['NotifyPeriodicEventStream'])
  })

  it('belong to their version only', () => {
    expect(actionKind('ocpp1.6', 'StartTransaction')).toBe('call')
    expect(actionKind('ocpp2.1', 'StartTransaction')).toBeUndefined()
    expect(actionKind('ocpp2.0.1', 'NotifyPeriodicEventStream')).toBeUndefined()
  })

  it.each([
    '',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'BootNotificationRequest',
    'bootNotification',
    'definitions',
    'default',
  ])('do not include %j', (name) => {
    for (const version of VERSIONS) expect(actionKind(version, name)).toBeUndefined()
  })
})
