// The envelope of the PTB: all its errors at once. Sessions in it are among the golden vectors.
import { describe, expect, it } from 'vitest'
import { ask } from '../../transparency/support.ts'

describe('the PTB envelope', () => {
  it('tells all its errors at once, each with its path', async () => {
    const { inputs } = await ask({ 'a.json': JSON.stringify({ format: 'ptb', formatVersion: 2, address: [], geoLocation: { lat: '1' } }) })
    expect(inputs[0]?.fault).toMatchObject({ code: 'record-malformed' })
    for (const path of [
      '$.publicKey',
      '$.chargeboxIdentifier',
      '$.ocmfBegin',
      '$.ocmfEnd',
      '$.address',
      '$.geoLocation.lat',
      '$.geoLocation.lng',
      '$.formatVersion',
    ])
      expect(inputs[0]?.fault?.detail).toContain(`${path}:`)
  })
})
