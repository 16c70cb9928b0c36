import { describe, expect, it } from 'vitest'
import { base64, hex, utf8 } from '../../../src/base/bytes.ts'
import { signedRecordOf } from '../../../src/roles/behaviours/signed-values.ts'

const OCMF = 'OCMF|{"FV":"1.0","ID":"Ä &<"}|{"SD":"3045"}'
const AT = '2026-03-01T10:00:00.000Z'
const KEY = '3059301306072a8648ce3d020106082a8648ce3d030107034200'.padEnd(182, '4')
const plain = { format: 'OCMF', encoding: 'plain', data: OCMF, at: AT }

describe('signedRecordOf', () => {
  const envelope = { signedMeterData: base64(utf8(OCMF)), signingMethod: 'ECDSA-secp256r1-SHA256', encodingMethod: 'OCMF', publicKey: KEY }

  it.each([
    ['1.6, the text itself', { format: 'SignedData', value: OCMF }, plain],
    ['1.6, its base64', { format: 'SignedData', value: base64(utf8(OCMF)) }, plain],
    ['1.6, its hex', { format: 'SignedData', value: hex(utf8(OCMF)) }, plain],
    [
      '1.6, the 2.x object as text',
      { format: 'SignedData', value: JSON.stringify(envelope), context: 'Transaction.End' },
      { ...plain, publicKey: KEY, context: 'Transaction.End' },
    ],
    [
      '1.6, the 2.x object in its member',
      { format: 'SignedData', value: JSON.stringify({ signedMeterValue: envelope }) },
      { ...plain, publicKey: KEY },
    ],
    [
      '1.6, the data under the name of the object',
      { format: 'SignedData', value: JSON.stringify({ signedMeterValue: envelope.signedMeterData, publicKey: KEY }) },
      { ...plain, publicKey: KEY },
    ],
    ['2.x in base64', { value: 1, signedMeterValue: envelope }, { ...plain, publicKey: KEY }],
    ['2.x plain', { value: 1, signedMeterValue: { ...envelope, signedMeterData: OCMF, publicKey: '' } }, plain],
    ['Alfen', { format: 'SignedData', value: 'AP;0;3;KEY;DATA;SIG;' }, { ...plain, format: 'ALFEN', data: 'AP;0;3;KEY;DATA;SIG;' }],
    [
      'SML, binary',
      {
        value: 1,
        signedMeterValue: { signedMeterData: base64(new Uint8Array([0x1b, 0xff, 0, 1])), encodingMethod: 'EDL', signingMethod: '' },
      },
      { ...plain, format: 'EDL_40_P', encoding: 'base64', data: base64(new Uint8Array([0x1b, 0xff, 0, 1])) },
    ],
    ['what only looks like JSON', { format: 'SignedData', value: '{broken' }, { ...plain, format: 'unknown', data: '{broken' }],
    ['what no one can decode', { format: 'SignedData', value: 'not base64!' }, { ...plain, format: 'unknown', data: 'not base64!' }],
  ])('keeps %s', (_, sample, expected) => {
    expect(JSON.parse(JSON.stringify(signedRecordOf(sample, Date.parse(AT))))).toEqual(expected)
  })

  it.each([[{ value: '5' }], [{ value: OCMF, format: 'Raw' }], [{ value: 5, signedMeterValue: {} }], [{ format: 'SignedData', value: 5 }]])(
    'sees none in %j',
    (sample) => {
      expect(signedRecordOf(sample, Date.parse(AT))).toBeUndefined()
    },
  )
})
