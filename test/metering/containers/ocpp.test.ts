// Signed values of OCPP as our own back end takes and gives them. Other messages are among the golden vectors.
import { describe, expect, it } from 'vitest'
import { base64, hex, utf8 } from '../../../src/base/bytes.ts'
import { signedRecordOf } from '../../../src/roles/behaviours/signed-values.ts'
import { transparencyRecord } from '../../../src/roles/record.ts'
import { edlBlock, edlEnd, edlSignature, edlTelegram, keyHex } from '../../../tools/transparency-vectors/edl-maker.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, SIGNER } from '../../../tools/transparency-vectors/maker.ts'
import { ask } from '../../transparency/support.ts'

const BEGIN = ocmfText(beginRecord())
const FINISH = ocmfText(endRecord())
const KEY = hexKeyOf(SIGNER)

describe('our own back end', () => {
  it('hands out records that verify, from messages of 1.6 and 2.x', async () => {
    const value = (text: string) => ({
      signedMeterData: base64(utf8(text)),
      encodingMethod: 'OCMF',
      signingMethod: '',
      publicKey: base64(utf8(`oca:base16:asn1:${KEY}`)),
    })
    const samples = [
      { value: 1, context: 'Transaction.Begin', signedMeterValue: value(BEGIN) },
      { value: JSON.stringify(value(FINISH)), context: 'Transaction.End', format: 'SignedData' },
    ]
    const signedRecords = samples.flatMap((sample) => signedRecordOf(sample, 0) ?? [])
    const safe = transparencyRecord({ id: 'tx-1', signedRecords })
    const asked = [
      { [safe?.name ?? '']: safe?.body ?? '' },
      { 'messages.json': JSON.stringify(samples) },
      { 'transaction.json': JSON.stringify({ id: 'tx-1', signedRecords }) },
    ]
    for (const question of asked) {
      const { verdict, sessions } = await ask(question)
      expect([verdict, sessions.map(({ energyWh }) => energyWh)]).toEqual(['valid', ['10500']])
    }
  })
})

describe('the context of a value', () => {
  it.each([
    ['Transaction.Begin', 'Transaction.End', 'valid'],
    ['Transaction.Begin', 'Sample.Periodic', 'incomplete'],
    ['Sample.Clock', 'Transaction.End', 'incomplete'],
  ])('says which is the begin and which the end where the meter signs neither: %s, %s', async (first, last, verdict) => {
    const sampledValue = [edlBlock(), edlEnd()].map((block, index) => ({
      ...{ value: 0, context: [first, last][index] },
      signedMeterValue: {
        ...{ signedMeterData: hex(edlTelegram(block, edlSignature(block))), encodingMethod: 'EDL', signingMethod: '' },
        publicKey: keyHex(),
      },
    }))
    const message = { meterValue: [{ timestamp: '2026-03-01T07:00:00Z', sampledValue }] }
    expect((await ask({ 'a.json': JSON.stringify(message) })).verdict).toBe(verdict)
  })
})
