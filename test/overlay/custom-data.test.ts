// Signatures inside `customData`: they go in and come out, and what was signed is left as it was.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { validateRequest } from '../../src/ocpp/validate.ts'
import { carriesSignatures, foldSignatures, isSignature, liftSignatures } from '../../src/overlay/custom-data.ts'

const ONE = { protected: 'cA', signature: 'cw' }
const TWO = { protected: 'cQ', signature: 'dA' }

describe('signatures in customData', () => {
  it('are carried by every version but 1.6', () => {
    expect((['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'] as const).map(carriesSignatures)).toEqual([false, true, true])
  })

  it("leave what was signed as it was, another vendor's customData too", () => {
    const vendor = fc.oneof(
      fc.constant({}),
      fc.record({ customData: fc.dictionary(fc.string(), fc.jsonValue()).map((rest) => ({ ...rest, vendorId: 'com.example' })) }),
    )
    const signatures = fc.array(fc.constantFrom(ONE, TWO), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), vendor, signatures, (rest, custom, list) => {
        const { customData: _none, ...plain } = rest
        const payload = payloadOf({ ...plain, ...custom } as Json)
        const lifted = liftSignatures(foldSignatures(payload, list))
        expect(canonicalJson(lifted.payload.value)).toBe(canonicalJson(payload.value))
        expect(JSON.parse(lifted.payload.text)).toEqual(JSON.parse(payload.text))
        expect(lifted.signatures).toEqual(list)
      }),
    )
  })

  it('are valid OCPP', () => {
    const payload = foldSignatures(payloadOf({}), [ONE])
    expect(validateRequest('ocpp2.0.1', 'Heartbeat', payload.value)).toBeUndefined()
    expect(validateRequest('ocpp2.1', 'Heartbeat', payload.value)).toBeUndefined()
    expect(validateRequest('ocpp1.6', 'Heartbeat', payload.value)).toBeDefined()
  })

  it('cost nothing where there are none: the very payload comes back', () => {
    for (const value of [
      {},
      { customData: 7 },
      { customData: { vendorId: 'x' } },
      { customData: { vendorId: 'x', 'org.chargeproof': 1 } },
    ]) {
      const payload = payloadOf(value)
      expect(liftSignatures(payload)).toEqual({ payload })
      expect(liftSignatures(payload).payload).toBe(payload)
      expect(foldSignatures(payload, [])).toBe(payload)
      expect(foldSignatures(payload, undefined)).toBe(payload)
    }
  })

  it('that are none are dropped, and nothing more', () => {
    const ours = (signatures: Json) =>
      liftSignatures(payloadOf({ a: 1, customData: { vendorId: 'org.chargeproof', 'org.chargeproof': { signatures } } }))
    expect(ours([ONE, null, 7, 'x', {}, { protected: 1, signature: 'x' }, { protected: 'x' }])).toMatchObject({
      payload: { value: { a: 1 } },
      signatures: [ONE],
    })
    expect(ours('x').signatures).toEqual([])
    expect(isSignature(undefined)).toBe(false)
  })

  it('take nothing along but themselves', () => {
    const folded = foldSignatures(payloadOf({}), [{ ...ONE, extra: 'x' } as typeof ONE])
    expect(liftSignatures(folded).signatures).toEqual([ONE])
  })
})
