import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createMeter, type Meter, type Stamp } from '../../src/roles/meter.ts'
import { virtualClock } from '../support/virtual-clock.ts'
import { MemoryStore } from './support/memory-store.ts'
import { testSigner } from './support/test-station.ts'

const STAMP: Stamp = { tx: 'B', idType: 'ISO14443', id: 'DEADBEEF', level: 'TRUSTED', flags: ['RFID_PLAIN', 'OCPP_AUTH'] }
const gateway = { id: 'GATEWAY 1', serial: 'GW1', version: '1.34' }

const setUp = (store = new MemoryStore(), clock = virtualClock(Date.UTC(2026, 10, 21, 9, 5, 7, 42))) => ({
  store,
  clock,
  meter: createMeter({ serial: 'M-1', signer: testSigner(), clock, store, gateway, evseId: 'DE*CP1*E1' }),
})

const split = (text: string): [payload: string, signature: { SA: string; SD: string }] => {
  const parts = /^OCMF\|(\{.*\})\|(\{"SA":"[^"|]+","SD":"[0-9A-F]+"\})$/.exec(text)
  if (parts?.[1] === undefined || parts[2] === undefined) throw new Error(`not OCMF: ${text}`)
  return [parts[1], JSON.parse(parts[2])]
}

const verifies = (meter: Meter, payload: string, SD: string): boolean => {
  const key = createPublicKey({ key: Buffer.from(meter.publicKeyHex, 'hex'), format: 'der', type: 'spki' })
  return verify('sha256', Buffer.from(payload), key, Buffer.from(SD, 'hex'))
}

describe('the register', () => {
  it('integrates power over time without losing a watt-hour', async () => {
    const { meter, clock } = setUp()
    const before = meter.reading().energyWh
    expect(before).toBe(3_491_400)
    // a third of a watt-hour a second, a thousand times: 333.33 Wh, not a thousand times zero
    meter.setPower(1200)
    for (let i = 0; i < 1000; i++) {
      await clock.advance(1000)
      meter.reading()
    }
    expect(meter.reading().energyWh - before).toBe(333)
    await clock.advance(2000)
    expect(meter.reading().energyWh - before).toBe(334)
  })

  it('counts each stretch at its own power', async () => {
    const { meter, clock } = setUp()
    meter.setPower(11_000)
    await clock.advance(1_800_000)
    meter.setPower(0)
    await clock.advance(1_800_000)
    expect(meter.reading()).toMatchObject({ energyWh: 3_496_900, powerW: 0 })
  })
})

describe('an OCMF record', () => {
  it('has the fields of OCMF 1.0 in their forms', () => {
    const { meter } = setUp()
    const [payload, signature] = split(meter.signedReading(STAMP).text)
    expect(JSON.parse(payload)).toMatchObject({ FV: '1.0', GI: 'GATEWAY 1', GS: 'GW1', GV: '1.34', PG: 'T1', MS: 'M-1' })
    expect(JSON.parse(payload)).toMatchObject({ IS: true, IL: 'TRUSTED', IF: ['RFID_PLAIN', 'OCPP_AUTH'], IT: 'ISO14443', ID: 'DEADBEEF' })
    expect(JSON.parse(payload)).toMatchObject({ CT: 'EVSEID', CI: 'DE*CP1*E1' })
    expect(JSON.parse(payload).RD).toEqual([
      { TM: '2026-11-21T09:05:07,042+0000 S', TX: 'B', RV: 3491.4, RI: '1-b:1.8.0', RU: 'kWh', RT: 'AC', EF: '', ST: 'G' },
    ])
    // three decimals in the text itself: the resolution is part of what is signed
    expect(payload).toContain('"RV":3491.400,')
    expect(signature.SA).toBe('ECDSA-secp256r1-SHA256')
  })

  it('is signed by the meter, over exactly the payload text', () => {
    const { meter } = setUp()
    const [payload, { SD }] = split(meter.signedReading(STAMP).text)
    expect(verifies(meter, payload, SD)).toBe(true)
    expect(verifies(meter, payload.replace('3491.400', '3491.401'), SD)).toBe(false)
  })

  it('does not verify under another key', () => {
    const { meter } = setUp()
    const [payload, { SD }] = split(meter.signedReading(STAMP).text)
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey
    expect(verify('sha256', Buffer.from(payload), other, Buffer.from(SD, 'hex'))).toBe(false)
  })

  it('counts its pagination on, restarts included', async () => {
    const { meter, store, clock } = setUp()
    expect(split(meter.signedReading(STAMP).text)[0]).toContain('"PG":"T1"')
    expect(split(meter.signedReading({ ...STAMP, tx: 'E' }).text)[0]).toContain('"PG":"T2"')
    meter.setPower(3600)
    await clock.advance(10_000)
    await store.commit(meter.changes())
    const again = setUp(store, clock).meter
    const [payload] = split(again.signedReading(STAMP).text)
    expect(payload).toContain('"PG":"T3"')
    expect(payload).toContain('"RV":3491.410,')
  })
})
