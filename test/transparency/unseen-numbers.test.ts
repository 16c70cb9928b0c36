// Numbers beside signed values, in every spelling that another reader would show: whatever is written there is what is signed, or is refused.
import { describe, expect, it } from 'vitest'
import { base64, utf8 } from '../../src/base/bytes.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, payload, SIGNER } from '../../tools/transparency-vectors/maker.ts'
import { ask, faults, findings } from './support.ts'

const KEY = hexKeyOf(SIGNER)
const [begin, end, whole] = [beginRecord(), endRecord(), payload()].map((record) => ocmfText(record)) as [string, string, string]

const toldIn = async (text: string) => {
  const answer = await ask({ 'a.json': text })
  return [answer.verdict, ...answer.sessions.flatMap(findings), ...faults(answer)]
}

const MANY_ZEROS = '0'.repeat(70)
const FEW_ZEROS = '0'.repeat(45)

const signedData = JSON.stringify({
  public_key: KEY,
  signed_values: [begin, end].map((text) => ({ nature: '', signed_data: base64(utf8(text)) })),
})
const cdr = (total: string): string => `{"total_energy":${total},"signed_data":${signedData}}`

const oicp = (energy: string): string => {
  const values = [begin, end].map((SignedMeteringValue) => ({ SignedMeteringValue, MeteringStatus: '' }))
  const others = { SignedMeteringValues: values, CalibrationLawVerificationInfo: { PublicKey: KEY } }
  return `{"ConsumedEnergy":${energy},${JSON.stringify(others).slice(1)}`
}

const ctr = (value: string): string => {
  const session = { original: base64(utf8(`${begin}\n${end}`)) }
  const measurements = `"measurements":[{"unit":"kWh","values":[{"value":"10.000"},{"value":${value}}]}]`
  const keys = JSON.stringify([{ '@id': 'k', value: KEY }])
  return `{"publicKeys":${keys},"chargingSessions":[{${measurements},${JSON.stringify(session).slice(1)}]}`
}

describe('a number with more digits than are computed with', () => {
  it.each([
    ['many zeros behind the point', `10.5${MANY_ZEROS}`, `99.5${MANY_ZEROS}`],
    ['a power of ten that takes them back', `105${FEW_ZEROS}e-46`, `995${FEW_ZEROS}e-46`],
    ['blanks around it', '" 10.5 "', '" 99.5 "'],
  ])('is compared: %s', async (_, right, wrong) => {
    expect(await toldIn(cdr(right))).toEqual(['valid'])
    expect(await toldIn(cdr(wrong))).toEqual(['invalid', 'total-mismatch:fail'])
    expect(await toldIn(oicp(right))).toEqual(['valid'])
    expect(await toldIn(oicp(wrong))).toEqual(['invalid', 'total-mismatch:fail'])
  })

  it('is more than anybody charged where it has no end', async () => {
    expect(await toldIn(cdr('1e400'))).toEqual(['invalid', 'total-mismatch:fail'])
    expect(await toldIn(cdr('-1e400'))).toEqual(['invalid', 'total-mismatch:fail'])
  })

  it('is compared in a transparency record', async () => {
    expect(await toldIn(ctr(`20.5${MANY_ZEROS}`))).toEqual(['valid'])
    expect(await toldIn(ctr(`99.5${MANY_ZEROS}`))).toEqual(['invalid', 'told-mismatch:fail'])
  })
})

const sampled = (text: string, around: string): string =>
  `{"sampledValue":[{${around},"signedMeterValue":{"signedMeterData":"${base64(utf8(text))}","publicKey":"${KEY}"}}]}`
const ended = (...values: string[]): string =>
  `{"eventType":"Ended","transactionInfo":{"transactionId":"tx"},"meterValue":[${values.join(',')}]}`
const withEnd = (around: string, first = '"value":10000'): string => ended(sampled(begin, first), sampled(end, around))

describe('the number beside the last signed value', () => {
  const END = '"context":"Transaction.End"'

  it.each([
    ['as a text', '"value":"20500"', '"value":"99500"'],
    ['with many zeros', `"value":20500.${MANY_ZEROS}`, `"value":99500.${MANY_ZEROS}`],
    [
      'with a power of ten that has decimals',
      '"value":205,"unitOfMeasure":{"unit":"Wh","multiplier":2.0}',
      '"value":995,"unitOfMeasure":{"unit":"Wh","multiplier":2.0}',
    ],
    ['in small letters', '"value":20.5,"unitOfMeasure":{"unit":"kwh"}', '"value":99.5,"unitOfMeasure":{"unit":"kwh"}'],
    [
      'with the register in small letters',
      '"value":20500,"measurand":"energy.active.import.register"',
      '"value":99500,"measurand":"energy.active.import.register"',
    ],
  ])('is compared %s', async (_, right, wrong) => {
    expect(await toldIn(withEnd(`${END},${right}`))).toEqual(['valid'])
    expect(await toldIn(withEnd(`${END},${wrong}`))).toContain('told-mismatch:fail')
  })

  it('is refused in a unit that looks like energy and is none of OCPP', async () =>
    expect(await toldIn(withEnd(`${END},"value":99.5,"unitOfMeasure":{"unit":"MWh"}`))).toContain('told-mismatch:fail'))

  it.each([
    ['the same', '"value":20500', []],
    ['of no energy', '"value":99500,"measurand":"Voltage"', []],
    ['of the phases together, in VAh', '"value":99500,"unitOfMeasure":{"unit":"VAh"}', []],
  ])('is in order without a context: %s', async (_, around, others) => expect(await toldIn(withEnd(around))).toEqual(['valid', ...others]))

  it('is in order without a context where it counts from the begin', async () =>
    expect(await toldIn(withEnd('"value":10500', '"value":0'))).toEqual(['valid', 'record-deviates:warn']))

  it('is refused without a context, where the meter signs that it is the end', async () => {
    expect(await toldIn(withEnd('"value":99500'))).toContain('told-mismatch:fail')
    expect(await toldIn(withEnd('"context":"Other","value":99500'))).toContain('told-mismatch:fail')
    expect(await toldIn(ended(sampled(whole, '"value":99500')))).toContain('told-mismatch:fail')
  })

  it('is told with no more digits than anybody reads', async () => {
    const during = ocmfText(beginRecord({ PG: 'T2' }, { TX: 'C' }))
    const last = sampled(ocmfText(endRecord({ PG: 'T3' })), '"value":0')
    const document = ended(sampled(begin, '"value":0'), sampled(during, `"value":99.${'0'.repeat(100_000)}`), last)
    const answer = await ask({ 'a.json': document })
    expect([answer.verdict, ...answer.sessions.flatMap(findings)]).toEqual(['valid', 'record-deviates:warn'])
    expect(JSON.stringify(answer).length).toBeLessThan(50_000)
  })

  it('is of either reading of a record that has both', async () => {
    expect(await toldIn(ended(sampled(whole, '"value":10000')))).toEqual(['valid'])
    expect(await toldIn(ended(sampled(whole, '"value":20500')))).toEqual(['valid'])
  })
})
