// What a plain OCPP 1.6 connection can carry of the overlay, and what it cannot: the rows of docs/protocol.md §4.5.1, each looked at on the wire.
import { describe, expect, it } from 'vitest'
import { CALL, type Call, type Envelope, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { errorAnswer } from '../../src/overlay/error-answer.ts'
import { StationLink } from '../../src/overlay/station-link.ts'
import { callOf, caught, keysOf, makeGuard, memoryLinks, settle, virtualClock } from './support.ts'

const keys = keysOf({ csms: 'csms', 'cs-16': 'station' })

/** A station's end of the wire, as texts, and what the node hears of it. */
const wire = () => {
  const clock = virtualClock()
  const [near, far] = memoryLinks()
  const heard: Envelope[] = []
  const sent: string[] = []
  const reply = (envelope: Envelope): Envelope => ({
    ...{ destination: ['cs-16'], path: ['csms'], header: { signatures: [{ protected: 'x', signature: 'y' }] } },
    message: { type: RESULT, id: envelope.message.id, payload: payloadOf({ status: 'Accepted' }) },
  })
  const station = new StationLink(
    far,
    { station: 'cs-16', version: 'ocpp1.6', backend: 'csms', clock },
    {
      request: async (envelope) => {
        heard.push(envelope)
        return reply(envelope)
      },
      refusal: (envelope, fault) => errorAnswer(envelope, fault, 'lc'),
      send: (envelope) => void heard.push(envelope),
      flaw: () => undefined,
      closed: () => undefined,
    },
  )
  near.open({ text: (frame) => void sent.push(frame), binary: () => undefined, closed: () => undefined })
  const { guard } = makeGuard(clock, 'csms', { trust: keys.trust, identity: keys.identity('csms') })
  const order = (action: string, payload: object): Envelope =>
    guard.sealCall(callOf({ from: 'csms', to: 'cs-16' }, { id: 'o1', action, payload: payloadOf(payload as never) }, { ocpp: 'ocpp1.6' }))
  return { station, near, heard, sent, order }
}
const SIGNED = { 'org.chargeproof': { signatures: [{ protected: 'x', signature: 'y' }] } }

describe('a station of OCPP 1.6', () => {
  it('gets an order byte for byte, without its signatures, its number or its count', async () => {
    const { station, near, sent, order } = wire()
    const signed = order('ClearCache', {})
    expect(signed.header.signatures).toHaveLength(1)
    const asked = station.request(signed, 1_000)
    await settle()
    expect(sent).toEqual(['[2,"o1","ClearCache",{}]'])
    near.send('[3,"o1",{"status":"Accepted"}]')
    expect((await asked).header).toEqual({ ocpp: 'ocpp1.6' })
  })

  it('gets an answer without its signatures', async () => {
    const { near, sent } = wire()
    near.send('[2,"1","DataTransfer",{"vendorId":"V"}]')
    await settle()
    expect(sent).toEqual(['[3,"1",{"status":"Accepted"}]'])
  })

  it('brings no signatures, wherever it puts them: what it says goes on as it wrote it', async () => {
    const { station, near, heard, order } = wire()
    const own = { vendorId: 'org.chargeproof', ...SIGNED }
    near.send(JSON.stringify([2, '1', 'DataTransfer', { vendorId: 'org.chargeproof', data: JSON.stringify(SIGNED) }]))
    near.send(JSON.stringify([2, '2', 'VendorAction', { a: 1, customData: own }]))
    await settle()
    expect(heard.map(({ header }) => header)).toEqual([{ ocpp: 'ocpp1.6' }, { ocpp: 'ocpp1.6' }])
    expect(heard[1]?.message).toMatchObject({ payload: { value: { a: 1, customData: own } } })
    const asked = station.request(order('ClearCache', {}), 1_000)
    await settle()
    near.send(JSON.stringify([4, 'o1', 'InternalError', 'no', { customData: own }]))
    const { header, message } = await asked
    expect([header, message]).toMatchObject([{ ocpp: 'ocpp1.6' }, { details: { value: { customData: own } } }])
    expect(header.signatures).toBeUndefined()
  })

  it('cannot say a signed action of Part 4, which is of 2.x', async () => {
    const { near, heard } = wire()
    near.send(JSON.stringify([2, '1', 'Heartbeat-Signed', { payload: 'e30', protected: 'e30', signature: 'AA' }]))
    await settle()
    expect(heard.map(({ header, message }) => [header, (message as Call).action])).toEqual([[{ ocpp: 'ocpp1.6' }, 'Heartbeat-Signed']])
  })

  it('is told nothing that is encrypted, and its DataTransfer is never taken for something that was', async () => {
    const { station, near, heard, sent, order } = wire()
    const hidden = { 'org.chargeproof.encrypted': { suite: 'HPKE-0', kid: 'k', enc: 'e', ciphertext: 'c' } }
    const fault = await caught(station.request(order('ClearCache', hidden), 1_000))
    expect([fault.data.rule, sent]).toEqual(['encryption-end', []])
    const data = JSON.stringify({ action: 'StatusNotification', payload: hidden })
    near.send(JSON.stringify([2, '1', 'DataTransfer', { vendorId: 'org.chargeproof', messageId: 'org.chargeproof.Encrypted', data }]))
    await settle()
    expect(heard.map(({ message }) => message.type === CALL && message.action)).toEqual(['DataTransfer'])
  })

  it('is protected by the last node, key or no key: what was signed is judged there', async () => {
    const { station } = wire()
    const clock = virtualClock()
    const { guard: last } = makeGuard(clock, 'lc', { trust: keys.trust })
    const { guard: csms } = makeGuard(clock, 'csms', { trust: keys.trust, identity: keys.identity('csms') })
    const asked = callOf({ from: 'csms', to: 'cs-16' }, { action: 'ClearCache' }, { ocpp: 'ocpp1.6' })
    const signed = csms.sealCall(asked)
    await last.protect(signed, station, 'lc')
    expect((await caught(last.protect(signed, station, 'lc'))).data.rule).toBe('signature-replayed')
    expect((await caught(last.protect(asked, station, 'lc'))).data.rule).toBe('deny-by-default')
  })
})
