// Every record is signed, and the signature is good.
import type { SignatureState } from '../verdict.ts'
import type { Check, CheckCode, Finding } from './check.ts'

export const signature: Check = {
  id: 'signature',
  judge: ({ records, copies }) => {
    const bad = [...records, ...copies.map(({ copy }) => copy)].filter(({ signature }) => signature.state !== 'valid')
    if (bad.length === 0) return []
    return FINDINGS.flatMap(([of, state, code]): Finding[] => {
      const such = bad.filter(({ signature }) => signature.state === of)
      return such.length === 0 ? [] : [{ state, code, detail: such[0]?.signature.detail ?? '', records: such }]
    })
  },
}

// what cannot be checked is skipped, not failed: the session stays unproven
const FINDINGS: readonly (readonly [of: SignatureState, state: Finding['state'], code: CheckCode])[] = [
  ['invalid', 'fail', 'signature-invalid'],
  ['malformed', 'fail', 'signature-malformed'],
  ['absent', 'skip', 'signature-absent'],
  ['key-missing', 'skip', 'key-missing'],
  ['unsupported', 'skip', 'algorithm-unsupported'],
]
