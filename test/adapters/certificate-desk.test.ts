// Stations that ask for certificates without end: each gets five in a day, and the others get theirs.
import { expect, it } from 'vitest'
import { certificateDesk } from '../../src/adapters/certificate-desk.ts'
import type { Fault } from '../../src/base/fault.ts'
import { CERTIFICATE_ASKED } from '../../src/roles/behaviours/certificates.ts'
import { settle, virtualClock } from '../overlay/support.ts'
import { makeNetwork } from '../roles/park.ts'

it('a station that asks without end gets five certificates in a day, and no other is kept from its own', async () => {
  const clock = virtualClock()
  const issued: string[] = []
  const failed: string[] = []
  let tell = (_station: string): void => undefined
  const { stop } = certificateDesk({
    desk: {
      onEvent(listener) {
        tell = (station) => listener({ type: 'security', data: { kind: CERTIFICATE_ASKED, station, version: 'ocpp2.1', csr: 'csr' } })
        return () => undefined
      },
    },
    network: makeNetwork(clock, { id: 'csms' }),
    authority: {
      issued: [],
      sign: async (_csr, { name }) => {
        issued.push(name)
        return 'chain'
      },
    },
    clock,
    days: 90,
    failed: ({ code }: Fault, station) => failed.push(`${station} ${code}`),
  })
  for (let i = 0; i < 20; i++) tell('greedy')
  tell('other')
  await settle()
  expect(issued).toEqual([...Array(5).fill('greedy'), 'other'])
  expect(failed.filter((each) => each === 'greedy limit-exceeded')).toHaveLength(15)
  await clock.advance(86_400_000 / 5)
  tell('greedy')
  tell('greedy')
  await settle()
  expect(issued.filter((name) => name === 'greedy')).toHaveLength(6)
  stop()
})
