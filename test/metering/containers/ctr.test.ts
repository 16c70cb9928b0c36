// Charge transparency records: nothing that they state is believed.
import { describe, expect, it } from 'vitest'
import { ask, faults } from '../../transparency/support.ts'

describe('a charge transparency record', () => {
  it('is not believed, whatever it states', async () => {
    const values = [1, 2].map((hour) => ({
      timestamp: `2026-03-01T0${hour}:00:00Z`,
      value: `${hour}`,
      status: 'ValidSignature',
      validationStatus: 'ValidSignature',
    }))
    for (const method of ['OCMFv1.0', 'EDL40', 'PCDF', 'AlfenCrypt01']) {
      const session = {
        '@context': `https://open.charging.cloud/contexts/SessionSignatureFormats/${method}+json`,
        verificationResult: { status: 'ValidSignature' },
        verdict: 'valid',
        measurements: [{ energyMeterId: 'CPM-0001', unit: 'kWh', values, verificationResult: { status: 'ValidSignature' } }],
      }
      const { verdict, sessions } = await ask({
        'forged.chargy': JSON.stringify({ chargingSessions: [session], status: 'ValidSignature' }),
      })
      expect([verdict, sessions[0]?.records[0]?.signature.state, sessions[0]?.keyTrust]).toEqual(['unproven', 'absent', 'none'])
    }
  })

  it('names each session that it cannot read', async () => {
    const answer = await ask({ 'r.chargy': JSON.stringify({ chargingSessions: [5, {}, { measurements: [{}] }] }) })
    expect([answer.verdict, ...faults(answer)]).toEqual([
      'unreadable',
      'r.chargy/chargingSessions[0] record-malformed',
      'r.chargy/chargingSessions[1] input-unknown',
      'r.chargy/chargingSessions[2] input-unknown',
    ])
  })
})
