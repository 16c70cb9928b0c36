// Numbers beside signed values in messages of OCPP: which of them are of the same reading, and which are of something else.
import { describe, expect, it } from 'vitest'
import { base64, utf8 } from '../../../src/base/bytes.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, payload, present, reading, SIGNER } from '../../../tools/transparency-vectors/maker.ts'
import { ask, findings } from '../../transparency/support.ts'

const KEY = hexKeyOf(SIGNER)
const between = payload({ PG: 'T2', RD: [present(reading({ TM: '2026-03-01T08:30:00,000+0100 S', TX: 'C', RV: '#15.250' }))] })
const records = [beginRecord(), between, endRecord({ PG: 'T3' })].map((fields) => ocmfText(fields))

/** Begin, a reading in between and end; what is said stands beside one of them. */
const told = async (which: 0 | 1 | 2, said: object): Promise<string[]> => {
  const contexts = ['Transaction.Begin', 'Sample.Periodic', 'Transaction.End']
  const sampledValue = records.map((text, index) => ({
    ...{ context: contexts[index], value: 0 },
    ...(index === which ? said : {}),
    signedMeterValue: { signedMeterData: base64(utf8(text)), encodingMethod: 'OCMF', signingMethod: '', publicKey: KEY },
  }))
  const message = { meterValue: [{ timestamp: '2026-03-01T07:00:00Z', sampledValue }] }
  const { verdict, sessions } = await ask({ 'a.json': JSON.stringify(message) })
  return [verdict, ...sessions.flatMap(findings)]
}

const unit = (name: string, multiplier?: number) => ({ unitOfMeasure: { unit: name, multiplier } })

describe('a number beside a signed value', () => {
  it.each([
    ['in Wh', 0, { value: 10_000 }],
    ['in kWh', 0, { value: 10, ...unit('kWh') }],
    ['in thousands of Wh', 0, { value: 10, ...unit('Wh', 3) }],
    ['of energy by its name', 0, { value: 10_000, measurand: 'Energy.Active.Import.Register' }],
    ['in between, in Wh', 1, { value: 15_250 }],
    ['in between, in kWh', 1, { value: 15.25, ...unit('kWh') }],
    ['in between, in kWh and cut', 1, { value: 15.2, ...unit('kWh') }],
    ['of power', 0, { value: 11_000, measurand: 'Power.Active.Import', ...unit('W') }],
    ['of power in a unit of energy', 2, { value: 11_000, measurand: 'Power.Active.Import' }],
    ['in another unit', 2, { value: 99_000, ...unit('VAh') }],
    ['that is zero', 2, { value: 0 }],
    ['that is no number', 2, { value: 'unknown' }],
  ] as const)('agrees: %s', async (_, which, said) => expect(await told(which, said)).toEqual(['valid']))

  it.each([
    ['at the begin', 0, { value: 12_000 }, ['invalid', 'told-mismatch:fail']],
    ['at the end in kWh', 2, { value: 30.5, ...unit('kWh') }, ['invalid', 'told-mismatch:fail']],
    ['at the end in thousands of Wh', 2, { value: 30, ...unit('Wh', 3) }, ['invalid', 'told-mismatch:fail']],
    ['in between', 1, { value: 15_252 }, ['valid', 'record-deviates:warn']],
    ['in between, in kWh', 1, { value: 15.26, ...unit('kWh') }, ['valid', 'record-deviates:warn']],
  ] as const)('differs %s', async (_, which, said, found) => expect(await told(which, said)).toEqual(found))
})
