// What the fake API tells of keys, policies and heads of journals: something of each state, so that every panel has all to show.

const DAY = 86_400_000
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString()

/** A signature of a message as the event carries it. */
export const signatureOf = (node: string, more: object = {}) => ({
  ...{ state: 'valid', node, role: node, kid: `kid-${node}-${'x'.repeat(30)}`, countersigns: false },
  ...more,
})

const key = (node: string, state: string, more: object = {}) => ({
  ...{ node, role: 'gateway', kid: `${node}-${state}-${'k'.repeat(30)}`, purposes: ['message', 'link'], state, source: 'document' },
  ...{ from: ago(40 * DAY), until: ago(-300 * DAY), ageSeconds: 40 * 86_400 },
  ...more,
})

const KEYS = {
  root: { kid: `root1${'r'.repeat(38)}`, number: 1, next: `root2${'n'.repeat(38)}`, issued: ago(90 * DAY) },
  revocations: { root: 1, number: 3, issued: ago(3 * DAY), fresh: false, freshUntil: ago(DAY) },
  keys: [
    key('csms', 'valid'),
    key('gateway', 'valid', { until: ago(-5 * DAY) }),
    key('lc1', 'replaced'),
    key('lc1', 'valid'),
    key('lc2', 'revoked', { reason: '<i>stolen</i> laptop' }),
    key('meter1', 'expired', { until: ago(2 * DAY) }),
    key('grid-operator', 'valid', { source: 'file', from: undefined, listed: ago(7 * DAY), until: undefined, ageSeconds: 7 * 86_400 }),
    key('grid-operator', 'not-yet-valid', { from: ago(-DAY), kid: 'later' }),
  ],
}

const decision = (decided: string, rule: string, more: object = {}) => ({
  ...{ at: ago(60_000), action: 'Reset', origin: 'grid-operator', destination: 'cs1', decision: decided, rule },
  ...{ reason: 'no rule lets <b>grid-operator</b> ask for Reset', ...more },
})

const POLICY = {
  ...{ id: 'depot', version: 7, signer: 'admin', since: ago(2 * DAY) },
  policy: {
    rules: [
      { id: 'admin-operates', role: 'admin', actions: ['*'] },
      { id: 'grid-limit', role: 'grid', actions: ['SetChargingProfile'] },
    ],
    signatures: [{ id: 'firmware', actions: ['UpdateFirmware'], signed: { all: ['vendor', 'admin'] } }],
  },
  hits: { 'grid-limit': 12, 'admin-operates': 1840, 'deny-by-default': 1 },
  refusals: [decision('reject', 'deny-by-default')],
  rejected: [{ at: ago(120_000), flaw: 'not-admin', reason: 'signed by stranger, who is no policy-admin' }],
  rehearsal: {
    ...{ id: 'depot', version: 8, signer: 'admin', seen: 120, different: 1, hits: { 'grid-limit': 11 }, refusals: [] },
    policy: { rules: [{ id: 'grid-limit', role: 'grid', actions: ['SetChargingProfile'] }] },
    differences: [decision('reject', 'grid-limit', { inForce: { decision: 'accept', rule: 'admin-operates' } })],
  },
}

const head = (node: string, seq: number) => ({
  head: { node, seq, hash: seq.toString(16).repeat(64).slice(0, 64), at: Date.now() - seq * 1000, before: [] },
  ...{ signature: { protected: '', signature: '' }, heldBy: 'csms' },
})

export const fakeTrust = () => ({
  keys: KEYS,
  policy: POLICY,
  'journal/heads': [head('lc1', 5), head('lc1', 9), head('csms', 12), head('gateway', 7)],
})
