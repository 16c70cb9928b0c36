// Signatures across a plain OCPP 2.x hop, docs/protocol.md §4.5: into `customData`, and out of it again.
import { payloadOf } from '../../src/ocpp/frame.ts'
import { foldSignatures, liftSignatures } from '../../src/overlay/custom-data.ts'
import { ORDER } from './signatures.ts'

const SIGNATURES = ORDER.header.signatures ?? []

export const customDataVectors = () => ({
  about: 'A payload on the overlay, with its signatures in the header, and the same on a plain OCPP 2.x connection. docs/protocol.md §4.5',
  folded: FOLDED.map(({ name, payload }) => ({
    name,
    payload,
    signatures: SIGNATURES,
    plain: foldSignatures(payloadOf(payload), SIGNATURES).value,
  })),
  lifted: LIFTED.map(({ name, plain }) => {
    const { payload, signatures } = liftSignatures(payloadOf(plain))
    return { name, plain, payload: payload.value, signatures: signatures ?? null }
  }),
})

const FOLDED = [
  { name: 'no customData before', payload: { type: 'OnIdle' } },
  { name: "another vendor's customData stays", payload: { type: 'OnIdle', customData: { vendorId: 'com.example', note: 'x' } } },
]

const LIFTED = [
  { name: 'nothing of ours: untouched', plain: { type: 'OnIdle', customData: { vendorId: 'com.example', note: 'x' } } },
  {
    name: 'ours, but no list: no signature, and none is invented',
    plain: { type: 'OnIdle', customData: { vendorId: 'org.chargeproof', 'org.chargeproof': {} } },
  },
  {
    name: 'entries that are no signatures are dropped',
    plain: { type: 'OnIdle', customData: { vendorId: 'com.example', 'org.chargeproof': { signatures: [null, 7, { protected: 'e30' }] } } },
  },
]
