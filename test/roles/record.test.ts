import { describe, expect, it } from 'vitest'
import { generateSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { utf8 } from '../../src/base/bytes.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { JsonObject } from '../../src/roles/behaviours/behaviour.ts'
import type { SignedRecord } from '../../src/roles/behaviours/signed-values.ts'
import { getTransaction } from '../../src/roles/csms-views.ts'
import { createMeter } from '../../src/roles/meter.ts'
import { transparencyRecord } from '../../src/roles/record.ts'
import { verify } from '../../src/transparency/verify.ts'
import { virtualClock } from '../support/virtual-clock.ts'
import { iso, T0 } from './support/station-messages.ts'
import { testDesk } from './support/test-desk.ts'

describe('transparencyRecord', () => {
  const record = (data: string, more: Partial<SignedRecord> = {}): SignedRecord => ({
    format: 'OCMF',
    encoding: 'plain',
    data,
    at: iso(0),
    ...more,
  })

  it('is SAFE XML, the data escaped and nothing else changed', () => {
    const signedRecords = [record('OCMF|{"ID":"a<b>&\r\n"}|x', { context: 'Transaction.Begin', publicKey: 'aabb' }), record('OCMF|2')]
    expect(transparencyRecord({ id: '42', signedRecords })).toEqual({
      name: '42.xml',
      contentType: 'application/xml',
      body: `<?xml version="1.0" encoding="UTF-8"?>
<values>
  <value transactionId="42" context="Transaction.Begin">
    <signedData format="OCMF" encoding="plain">OCMF|{&quot;ID&quot;:&quot;a&lt;b&gt;&amp;&#13;\n&quot;}|x</signedData>
    <publicKey encoding="hex">aabb</publicKey>
  </value>
  <value transactionId="42">
    <signedData format="OCMF" encoding="plain">OCMF|2</signedData>
    <publicKey encoding="hex">aabb</publicKey>
  </value>
</values>
`,
    })
  })

  it('lends a key only where there is but one', () => {
    const signedRecords = [record('1', { publicKey: 'aa' }), record('2', { publicKey: 'bb' }), record('3')]
    expect(transparencyRecord({ id: '1', signedRecords })?.body.match(/<publicKey/g)).toHaveLength(2)
  })

  it('puts what XML cannot hold into hex', () => {
    expect(transparencyRecord({ id: '1', signedRecords: [record('a\u0000')] })?.body).toContain('encoding="hex">6100<')
  })

  it('makes a number of an id that is none, and a harmless file name', () => {
    const made = transparencyRecord({ id: '../tx "1"', signedRecords: [record('x')] })
    expect(made?.name).toBe('.._tx__1_.xml')
    expect(made?.body).toMatch(/transactionId="[0-9]+"/)
  })

  it('is nothing where nothing was signed', () => {
    expect(transparencyRecord({ id: '1', signedRecords: [] })).toBeUndefined()
  })
})

/** The begin and the end of a session of half an hour at 11 kW, as a meter signs them. */
const signedSession = async (): Promise<{ begin: string; end: string; publicKey: string }> => {
  const clock = virtualClock(T0)
  const gateway = { id: 'G', serial: 'GW1', version: '1.0' }
  const meter = createMeter({
    serial: 'M1',
    signer: generateSigner('secp256r1'),
    clock,
    store: memoryStore(),
    gateway,
    evseId: 'DE*CP1*E1',
  })
  const stamp = { idType: 'ISO14443', id: 'DEADBEEF', level: 'TRUSTED', flags: [] } as const
  const begin = meter.signedReading({ ...stamp, tx: 'B' }).text
  meter.setPower(11_000)
  await clock.advance(1_800_000)
  return { begin, end: meter.signedReading({ ...stamp, tx: 'E' }).text, publicKey: meter.publicKeyHex }
}

describe('from the station to the verifier', () => {
  it('a session with signed values verifies, and one altered byte is caught', async () => {
    const { say, store } = testDesk('ocpp2.1')
    const { begin, end, publicKey } = await signedSession()
    const event = (eventType: string, seqNo: number, text: string, context: string): JsonObject => ({
      eventType,
      seqNo,
      timestamp: iso(seqNo * 30),
      triggerReason: 'Trigger',
      transactionInfo: { transactionId: 'tx' },
      meterValue: [
        {
          timestamp: iso(seqNo * 30),
          sampledValue: [
            {
              value: 1,
              context,
              signedMeterValue: {
                signedMeterData: btoa(text),
                signingMethod: '',
                encodingMethod: 'OCMF',
                publicKey: btoa(`oca:base16:asn1:${publicKey}`),
              },
            },
          ],
        },
      ],
    })
    await say('TransactionEvent', event('Started', 0, begin, 'Transaction.Begin'))
    await say('TransactionEvent', event('Ended', 1, end, 'Transaction.End'))
    const transaction = getTransaction(store, 'tx')
    expect(transaction?.signedRecords.map(({ data }) => data)).toEqual([begin, end])
    const made = transparencyRecord(transaction ?? { id: '', signedRecords: [] })
    const body = made?.body ?? ''
    const verdictOf = async (text: string) => (await verify([{ name: 'tx.xml', bytes: utf8(text) }], { engine: nodeEngine() })).verdict
    expect(await verdictOf(body)).toBe('valid')
    expect(await verdictOf(body.replace('DEADBEEF', 'DEADBEEE'))).toBe('invalid')
  })
})
