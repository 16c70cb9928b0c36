// Charge transparency records: nothing that they state is believed.
import { describe, expect, it } from 'vitest'
import { base64, utf8 } from '../../../src/base/bytes.ts'
import { hexKeyOf, METER, ocmfText, payload, SIGNER } from '../../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../../tools/transparency-vectors/signer.ts'
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

describe('the keys in a charge transparency record', () => {
  const EVSE = 'DE*CPV*E0001'
  const own = hexKeyOf(SIGNER)
  const other = { '@id': 'CPM-0002', value: hexKeyOf(vectorSigner('secp256r1', 'another meter')) }
  const trustOf = async (session: object, document: object): Promise<string> => {
    const original = base64(utf8(ocmfText(payload())))
    const answer = await ask({ 'r.chargy': JSON.stringify({ begin: '', chargingSessions: [{ original, ...session }], ...document }) })
    return `${answer.verdict} ${answer.sessions[0]?.keyTrust}`
  }
  const named = (name: object) => ({ publicKeys: [other, { ...name, value: own }] })

  it.each([
    ['a measurement by its name', { measurements: [{ energyMeterId: METER }] }, named({ '@id': METER })],
    ['a measurement by what it speaks of', { measurements: [{ energyMeterId: METER }] }, named({ subject: METER })],
    ['a measurement by one of what it speaks of', { measurements: [{ energyMeterId: METER }] }, named({ subject: { a: 'x', b: METER } })],
    ['the session in another spelling', { meterId: METER }, named({ '@id': METER.toLowerCase().replace('-', ' ') })],
    [
      'the station around it',
      { EVSEId: EVSE },
      {
        stations: [
          { '@id': EVSE, publicKeys: [{ value: own }] },
          { '@id': 'DE*CPV*E0002', publicKeys: [other] },
        ],
      },
    ],
    ['nobody, where it is the only one', {}, { publicKeys: [{ value: own }] }],
  ])('count for %s', async (_, session, document) => expect(await trustOf(session, document)).toBe('valid embedded'))

  it.each([
    ['no name fits', { meterId: 'CPM-0003' }, named({ '@id': METER })],
    ['there is no name', {}, named({})],
    ['the name is empty', { meterId: '' }, named({ '@id': '' })],
  ])('count for nobody where there are two and %s', async (_, session, document) =>
    expect(await trustOf(session, document)).toBe('unproven none'),
  )
})
