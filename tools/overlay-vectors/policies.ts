// Policies, docs/protocol.md §4.8: a signed document byte by byte, how a node judges it and what may become of it, and what its rules
// decide over orders and the valid signatures that they carry.
import { base64url, utf8 } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'
import { readProtected } from '../../src/crypto/jws.ts'
import { CALL, type Envelope, payloadOf, writeEnvelope } from '../../src/ocpp/frame.ts'
import { PolicyBook, type Voice } from '../../src/overlay/policy.ts'
import { SET_POLICY } from '../../src/overlay/policy-delivery.ts'
import { judgePolicy, type PolicyDocument, type SignedPolicy, signPolicy } from '../../src/overlay/policy-document.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { backend, engine, operator, stranger } from './keys.ts'

/** 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600
const DOCUMENT: PolicyDocument = {
  id: 'depot',
  version: 5,
  nodes: ['lc1', 'cs-21-a'],
  roles: { grid: { nodes: ['grid-operator'] } },
  signatures: [{ id: 'firmware', actions: ['UpdateFirmware'], signed: { of: 2, by: ['vendor', 'csms', 'node:auditor'] } }],
  rules: [
    { id: 'operates', role: ['csms', 'vendor'], actions: ['*'] },
    {
      id: 'grid-limit',
      role: 'grid',
      actions: ['SetChargingProfile'],
      where: [{ pointer: '/chargingProfile/chargingSchedule/*/chargingSchedulePeriod/*/limit', min: '4.2 kW', unit: 'W' }],
    },
  ],
}
const asJson = (signed: SignedPolicy): Json => JSON.parse(JSON.stringify(signed))
const DELIVERED = signPolicy(DOCUMENT, backend, NOW)
const SIGNED = asJson(DELIVERED)
const ORDER: Envelope = {
  destination: ['lc1'],
  path: ['csms'],
  header: { ocpp: 'ocpp2.1' },
  message: { type: CALL, id: '0f4b6c9e-2f0a-4d55-9c7e-7c1a0c0e5a11', action: SET_POLICY, payload: payloadOf(SIGNED) },
}

/** In the vectors of policies the key of the back end is an administrator's. */
const trust = new TrustStore(engine)
trust.add({ node: 'admin', role: 'policy-admin', publicKey: backend.signer.publicKey })
trust.add({ node: 'grid-operator', role: 'grid-operator', publicKey: operator.signer.publicKey })

export const policyVectors = () => ({
  about:
    'A signed policy, judgements of a node called lc1 over it and over what may become of it, and what it decides. docs/protocol.md §4.8',
  trust: trust.all().map(({ node, role, kid }) => ({ node, role, kid })),
  frame: writeEnvelope(ORDER),
  signed: SIGNED,
  canonicalPolicy: canonicalJson(DOCUMENT as object as Json),
  protectedHeader: readProtected(DELIVERED.signatures[0] as SignedPolicy['signatures'][number]),
  signingInput: `${DELIVERED.signatures[0]?.protected}.${base64url(utf8(canonicalJson(DOCUMENT as object as Json)))}`,
  judgements: CASES.map(({ name, value, inForce = 4, self = 'lc1' }) => ({
    name,
    self,
    inForce,
    value,
    judgement: judged(value, inForce, self),
  })),
  decisions: DECISIONS.map(({ action, payload, by }) => ({ action, payload, signers: by, decision: decided(action, payload, by) })),
})

const judged = (value: Json, version: number, self: string): string => {
  // that the rules have their schema is not what these vectors are about
  const check = (policy: Json): string | undefined => (policy !== null && typeof policy === 'object' ? undefined : 'no object')
  const judgement = judgePolicy(value, { trust, engine, self, version, check })
  return judgement.state === 'good' ? 'good' : judgement.flaw
}

const changed = (policy: Partial<PolicyDocument>): Json => ({ ...(SIGNED as object), policy: { ...DOCUMENT, ...policy } }) as object as Json
const CASES: readonly { readonly name: string; readonly value: Json; readonly inForce?: number; readonly self?: string }[] = [
  { name: 'as it was signed', value: SIGNED },
  { name: 'at another node that it names', value: SIGNED, self: 'cs-21-a' },
  { name: 'at a node that it does not name', value: SIGNED, self: 'lc2' },
  { name: 'the version in force again', value: SIGNED, inForce: 5 },
  { name: 'an older version', value: SIGNED, inForce: 6 },
  { name: 'its version raised', value: changed({ version: 9 }) },
  { name: 'made a rehearsal', value: changed({ rehearsal: true }) },
  { name: 'a rule taken out', value: changed({ rules: [] }) },
  { name: 'without a signature', value: { policy: DOCUMENT, signatures: [] } as object as Json },
  { name: 'signed by a key that nobody knows', value: asJson(signPolicy(DOCUMENT, stranger, NOW)) },
  { name: 'signed by a key of another role', value: asJson(signPolicy(DOCUMENT, operator, NOW)) },
  { name: 'no document', value: { policy: 7, signatures: [] } },
]

const voice = (node: string, role: string): Voice => ({ node, role, kid: node })
const [CSMS, VENDOR, GRID] = [voice('csms', 'csms'), voice('vendor', 'vendor'), voice('grid-operator', 'grid-operator')] as const
const limit = (watts: number): Json => ({
  chargingProfile: {
    chargingSchedule: [
      {
        chargingSchedulePeriod: [
          { startPeriod: 0, limit: 11_000 },
          { startPeriod: 60, limit: watts },
        ],
      },
    ],
  },
})
const DECISIONS: readonly { readonly action: string; readonly payload: Json; readonly by: readonly Voice[] }[] = [
  { action: 'Reset', payload: {}, by: [CSMS] },
  { action: 'Reset', payload: {}, by: [GRID] },
  { action: 'Reset', payload: {}, by: [] },
  { action: 'SetChargingProfile', payload: limit(4200), by: [GRID] },
  { action: 'SetChargingProfile', payload: limit(4199), by: [GRID] },
  { action: 'SetChargingProfile', payload: limit(0), by: [GRID, CSMS] },
  { action: 'UpdateFirmware', payload: {}, by: [CSMS] },
  { action: 'UpdateFirmware', payload: {}, by: [CSMS, VENDOR] },
  { action: 'UpdateFirmware', payload: {}, by: [voice('auditor', 'auditor'), VENDOR] },
  { action: 'UpdateFirmware', payload: {}, by: [voice('vendor-1', 'vendor'), voice('vendor-2', 'vendor')] },
]

const decided = (action: string, payload: Json, by: readonly Voice[]): string => {
  const place = { origin: 'csms', destination: 'cs-21-a', direction: 'down', here: 'cs-21-a', ends: true } as const
  const decision = new PolicyBook(DOCUMENT).admit({ kind: 'call', version: 'ocpp2.1', action, payload, ...place }, by)
  return decision.accepted ? `accepted by ${decision.rule.id}` : `refused by ${decision.rule}`
}
