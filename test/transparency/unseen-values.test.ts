// Values that one could read otherwise than they are signed: they are refused, and their honest twin is valid.
import { describe, expect, it } from 'vitest'
import { hex } from '../../src/base/bytes.ts'
import { edlBlock, edlEnd, edlSignature, edlTelegram, keyHex } from '../../tools/transparency-vectors/edl-maker.ts'
import { safeXml } from '../../tools/transparency-vectors/maker.ts'
import { ask, faults } from './support.ts'

describe('a telegram of which less is signed than it says', () => {
  const telegrams = [edlBlock(), edlEnd()].map((block) => hex(edlTelegram(block, edlSignature(block))))
  const told = async (...data: readonly string[]) => {
    const found = await ask({ 'a.xml': safeXml(data.map((each) => ({ data: each, key: keyHex(), format: 'SML_EDL40_P' }))) })
    return { verdict: found.verdict, faults: faults(found) }
  }
  const [first = '', last = ''] = telegrams

  it('is valid as the meter sent it', async () => {
    expect(await told(first, last)).toEqual({ verdict: 'valid', faults: [] })
    const padded = last.replace('0101094445414442454546', `01018802${'4445414442454546'.padEnd(256, '0')}`)
    expect(await told(first, padded)).toEqual({ verdict: 'valid', faults: [] })
  })

  it.each([
    ['the meter', '0b0901434850000000000a0172', '0d0901434850000000000aabcd0172'],
    ['the contract', '0101094445414442454546', `01018804${'4445414442454546'.padEnd(256, '0')}4747`],
    ['the power of ten', '621e52ff', '621e5300ff'],
    ['the number of the record', '01016500000015', '0101690000000100000015'],
    ['the time', '726203736569a3f200', '72620373690000000169a3f200'],
  ])('is refused for %s', async (_, from, to) => {
    const altered = last.replace(from, to)
    expect(altered).not.toBe(last)
    expect(await told(first, altered)).toEqual({ verdict: 'incomplete', faults: ['a.xml/value[2] record-malformed'] })
  })
})
