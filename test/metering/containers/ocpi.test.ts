// Signed data of OCPI: what stands around the records. Its encodings are among the golden vectors.
import { describe, expect, it } from 'vitest'
import { alfenBlock, alfenEnd, alfenLine } from '../../../tools/transparency-vectors/alfen.ts'
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

  it('is compared as far as it can be', async () => {
    const lines = [alfenBlock(), alfenEnd()].map((block) => alfenLine(block))
    const asked = async (plain: (line: string) => string) => {
      const values = lines.map((line) => ({ nature: '', plain_data: plain(line), signed_data: line }))
      const { verdict, sessions } = await ask({ 'a.json': JSON.stringify({ signed_values: values }) })
      return `${verdict} ${sessions[0]?.checks.some(({ code }) => code === 'record-deviates')}`
    }
    expect(await asked((line) => line)).toBe('valid false')
    expect(await asked(() => '{"kWh":10}')).toBe('valid true')
    expect(await asked(() => lines[0] ?? '')).toBe('invalid false')
  })

  it('may not show another text than the signed one', async () => {
    for (const plain of [FINISH, `AP;${FINISH}`, '{}', `OCMF|${FINISH}`]) {
      const value = { nature: 'Start', plain_data: plain, signed_data: BEGIN }
      const { verdict } = await ask({ 'a.json': JSON.stringify({ public_key: KEY, signed_values: [value] }) })
      expect(verdict).toBe('invalid')
    }
  })
})
