// chargeIT's containers: every value becomes a place with its own text, and what stands around it is no more than a note.
import { describe, expect, it } from 'vitest'
import type { Part } from '../../../src/metering/container.ts'
import { chargeit } from '../../../src/metering/containers/chargeit.ts'
import { contentOfText } from '../../../src/metering/json-document.ts'
import { Budget, LIMITS } from '../../../src/metering/limits.ts'
import { bsmEnd, bsmStart, bsmValue } from '../../../tools/transparency-vectors/bsm.ts'
import { newContainer, oldContainer } from '../../../tools/transparency-vectors/chargeit-emh.ts'
import { ask } from '../../transparency/support.ts'

const open = (text: string): readonly Part[] => chargeit.open(contentOfText(text), new Budget(LIMITS, () => 0))
const textsOf = (text: string): string[] =>
  open(text).flatMap((part) => (part.kind === 'slot' ? [...part.contents].map((content) => content.text ?? '') : []))

describe('the container', () => {
  it('gives each value with the very characters it has', () => {
    expect(textsOf('{"signedMeterValues":[ {"a": 1.50},{ "b":"\\u0041" } ]}')).toEqual(['{"a": 1.50}', '{ "b":"\\u0041" }'])
  })

  it('adds the meter that only the document names, and no other', () => {
    const text = '{"meterInfo":{"meterId":"X"},"signedMeterValues":[{"a":1},{"meterInfo":{"meterId":"Y"}}]}'
    expect(textsOf(text)).toEqual(['{"meterInfo":{"meterId":"X"},"a":1}', '{"meterInfo":{"meterId":"Y"}}'])
  })

  it('shows where it was, marked as not signed', async () => {
    const values = [bsmStart(), bsmEnd()].map((points) => bsmValue(points))
    for (const text of [oldContainer(values), newContainer(values)]) {
      const { verdict, sessions } = await ask({ 'a.json': text })
      expect(verdict).toBe('valid')
      const names = sessions[0]?.records[0]?.unsigned?.map(({ name }) => name.split('.').at(-1))
      expect(names).toEqual(expect.arrayContaining(['evseId', 'street', 'town', 'lat', 'lon', 'firmwareVersion']))
    }
  })

  it('may write a signed name in other letters', async () => {
    const text = newContainer([bsmStart(), bsmEnd()].map((points) => bsmValue(points))).replace('DE*CPV*E0001*1', 'de*cpv*e0001*1')
    expect((await ask({ 'a.json': text })).verdict).toBe('valid')
  })
})
