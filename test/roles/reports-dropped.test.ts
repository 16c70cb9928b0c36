// A controller that drops what a station says, and answers it itself: noticed at the back end within ten seconds with ordinary settings,
// from the station's own signed words; and nothing is noticed where nothing is dropped.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import { CALL, payloadOf, RESULT, readFrame, writeFrame } from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { foldedMessage, liftedMessage } from '../../src/overlay/custom-data.ts'
import type { Local } from '../../src/overlay/node.ts'
import { createMeter } from '../../src/roles/meter.ts'
import { Station } from '../../src/roles/station.ts'
import { stationGuard } from '../../src/roles/station-guard.ts'
import { keysOf, makeGuard, settle, virtualClock } from '../overlay/support.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { memoryLinks } from '../support/memory-link.ts'
import { dial, makeNetwork } from './park.ts'

/** A minute between heartbeats, as in the park. */
const backEnd = (now: () => number): Local => ({
  call: async ({ message }) => {
    const action = 'action' in message ? message.action : ''
    const currentTime = new Date(now()).toISOString()
    if (action === 'BootNotification') return payloadOf({ currentTime, interval: 60, status: 'Accepted' })
    if (action === 'Authorize') return payloadOf({ idTokenInfo: { status: 'Accepted' } })
    return payloadOf(action === 'Heartbeat' ? { currentTime } : {})
  },
})

const setUp = async (version: Version) => {
  const clock = virtualClock()
  const keys = keysOf({ csms: 'csms', lc: 'local-controller', cs: 'station' })
  const csms = makeNetwork(clock, { id: 'csms' }, { keys, local: backEnd(() => clock.now()) })
  const lc = makeNetwork(clock, { id: 'lc', uplinks: ['csms'] }, { keys })
  await dial(lc, csms)
  const dropped: string[] = []
  let drops: (action: string) => boolean = () => false
  const store = memoryStore()
  const { guard } = makeGuard(clock, 'cs', { trust: keys.trust, identity: keys.identity('cs'), store })
  const station: Station = new Station(
    { id: 'cs', version, vendor: 'V', model: 'M', serial: 'S', evses: 1, maxPowerW: 11_000 },
    {
      ...{ clock, store, random: fixedRandom(9), guard: stationGuard(guard, { id: 'cs', version, backend: 'csms' }) },
      meterFor: () =>
        createMeter({ serial: 'S1', signer: keys.identity('cs').signer, clock, store, gateway: { id: 'g', serial: 'g', version: '1' } }),
      connect: (onLink) => {
        const [near, far] = memoryLinks()
        const send = near.send.bind(near)
        near.send = (frame) => {
          const call = readFrame(String(frame))
          if (call.type !== CALL || !drops(call.action)) return send(frame)
          dropped.push(call.action)
          // as a controller may that cannot reach the back end: in its own name, with a key that the station knows
          const { message, signatures = [] } = liftedMessage(call)
          const route = { header: { ocpp: version, signatures } }
          const answer = {
            type: RESULT,
            id: call.id,
            payload: payloadOf(call.action === 'Heartbeat' ? { currentTime: new Date(clock.now()).toISOString() } : {}),
          } as const
          const sealed = lc.guard.sealAnswer(
            { destination: ['csms'], path: ['cs'], ...route, message },
            { destination: ['cs'], path: ['lc'], header: { ocpp: version }, message: answer },
          )
          far.send(writeFrame(foldedMessage(answer, sealed.header.signatures, version)))
        }
        void lc.stationConnected(far, { stationId: 'cs', version }).then(() => onLink(near))
        return () => near.close(1000, 'done')
      },
    },
  )
  station.start()
  await settle()
  const missed = () => csms.journal.read(0, 999).filter(({ rule }) => rule?.startsWith('reports-'))
  return {
    ...{ clock, station, dropped, missed },
    drop: (which: (action: string) => boolean) => {
      drops = which
    },
    async charge() {
      station.plugIn(1)
      await clock.advance(1_000)
      await station.present(1, 'DEADBEEF')
      await clock.advance(8_000)
    },
  }
}

/** Milliseconds from then until something is missed; at most a minute. */
const noticed = async ({ clock, missed }: Awaited<ReturnType<typeof setUp>>): Promise<number> => {
  const began = clock.now()
  const before = missed().length
  for (let i = 0; i < 60 && missed().length === before; i++) await clock.advance(1_000)
  return (missed()[before]?.at ?? Number.POSITIVE_INFINITY) - began
}

describe.each(['ocpp2.1', 'ocpp2.0.1'] as const)('a station of %s', (version) => {
  it('is heard of often enough, and nobody misses anything, for minutes', async () => {
    const park = await setUp(version)
    await park.clock.advance(120_000)
    await park.charge()
    await park.clock.advance(120_000)
    expect(park.missed()).toEqual([])
    expect(park.station.online).toBe(true)
  })

  it('that is silenced altogether is missed within ten seconds, idle or charging', async () => {
    for (const isCharging of [false, true]) {
      const park = await setUp(version)
      await park.clock.advance(63_000)
      if (isCharging) await park.charge()
      park.drop(() => true)
      expect(await noticed(park)).toBeLessThanOrEqual(10_000)
      expect(park.missed()).toMatchObject([{ subject: 'cs', rule: 'reports-silent' }])
      expect(park.dropped).not.toEqual([])
    }
  })

  it('of which only what is paid for is dropped is missed within ten seconds, by number', async () => {
    const park = await setUp(version)
    await park.clock.advance(63_000)
    park.drop((action) => action === 'TransactionEvent')
    park.station.plugIn(1)
    await park.station.present(1, 'DEADBEEF')
    while (park.dropped.length === 0) await park.clock.advance(100)
    expect(await noticed(park)).toBeLessThanOrEqual(10_000)
    expect(park.missed()).toMatchObject([{ subject: 'cs', rule: 'reports-missing' }])
  })
})
