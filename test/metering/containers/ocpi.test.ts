// Signed data of OCPI: what stands around the records. Its encodings are among the golden vectors.
import { describe, expect, it } from 'vitest'
import { beginRecord, endRecord, hexKeyOf, ocmfText, SIGNER } from '../../../tools/transparency-vectors/maker.ts'
import { ask } from '../../transparency/support.ts'

const BEGIN = ocmfText(beginRecord())
const FINISH = ocmfText(endRecord())
const KEY = hexKeyOf(SIGNER)

describe('what stands around a record', () => {
  it('is shown as not signed', async () => {
    const cdr = {
      id: 'cdr-1',
      total_energy: 99,
      signed_data: { public_key: KEY, signed_values: [{ nature: 'End', plain_data: '', signed_data: FINISH }] },
    }
    const { sessions } = await ask({ 'cdr.json': JSON.stringify(cdr) })
    expect(sessions[0]?.records[0]?.unsigned).toEqual([
      { name: 'id', value: 'cdr-1' },
      { name: 'total_energy', value: '99' },
      { name: 'signed_data.signed_values[0].nature', value: 'End' },
    ])
  })

  it('never makes a session of one record', async () => {
    const value = { nature: 'Start', plain_data: '', signed_data: BEGIN }
    const { verdict } = await ask({ 'a.json': JSON.stringify({ public_key: KEY, signed_values: [value] }) })
    expect(verdict).toBe('incomplete')
  })

  it('may not show another text than the signed one', async () => {
    for (const plain of [FINISH, `AP;${FINISH}`, '{}', `OCMF|${FINISH}`]) {
      const value = { nature: 'Start', plain_data: plain, signed_data: BEGIN }
      const { verdict } = await ask({ 'a.json': JSON.stringify({ public_key: KEY, signed_values: [value] }) })
      expect(verdict).toBe('invalid')
    }
  })
})
