// The meter of a site: what it reports, and that a controller which drops its reports is noticed within ten seconds.
import { expect, it } from 'vitest'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { GridMeter } from '../../src/roles/grid-meter.ts'
import { keysOf, tapEnvelopes, virtualClock } from '../overlay/support.ts'
import { dial, makeNetwork } from './park.ts'

it('is missed when its reports are dropped, and not before', async () => {
  const clock = virtualClock()
  const keys = keysOf({ csms: 'csms', lc: 'local-controller', meter: 'energy-meter' })
  const heard: unknown[] = []
  const local = {
    call: async ({ message }: { message: object }) => {
      heard.push((message as { payload: { value: unknown } }).payload.value)
      return payloadOf({})
    },
  }
  const csms = makeNetwork(clock, { id: 'csms' }, { keys, local })
  const lc = makeNetwork(clock, { id: 'lc', uplinks: ['csms'] }, { keys })
  const network = makeNetwork(clock, { id: 'meter', role: 'energy-meter', uplinks: ['lc'] }, { keys })
  const { low } = await dial(lc, csms)
  await dial(network, lc)
  const meter = new GridMeter({ network, clock, powerW: () => 42_000 })
  await clock.advance(60_000)
  const missed = () => csms.journal.read(0, 999).filter(({ subject, rule }) => subject === 'meter' && rule?.startsWith('reports-'))
  expect(heard.at(-1)).toMatchObject({ evseId: 0, meterValue: [{ sampledValue: [{ value: 42_000 }, { value: 700 }] }] })
  expect(missed()).toEqual([])
  tapEnvelopes(low, (envelope) => (envelope.path[0] === 'meter' ? undefined : envelope))
  await clock.advance(10_000)
  expect(missed()).toMatchObject([{ rule: 'reports-silent' }])
  meter.stop()
})
