// Charge detail records of OICP: what stands around the records, and documents in place of them. What is told wrongly is among the golden vectors.
import { describe, expect, it } from 'vitest'
import { base64, hex, utf8 } from '../../../src/base/bytes.ts'
import { edlBlock, edlEnd, edlSignature, edlTelegram, keyHex } from '../../../tools/transparency-vectors/edl-maker.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, SIGNER, safeXml } from '../../../tools/transparency-vectors/maker.ts'
import { ask } from '../../transparency/support.ts'

const BEGIN = ocmfText(beginRecord())
const FINISH = ocmfText(endRecord())
const key = hexKeyOf(SIGNER)
const xml = safeXml([BEGIN, FINISH].map((data) => ({ data, key })))

const asked = (value: string, over: object = {}) =>
  ask({
    'cdr.json': JSON.stringify({ SessionID: 's', SignedMeteringValues: [{ SignedMeteringValue: value, MeteringStatus: 'End' }], ...over }),
  })

describe('OICP', () => {
  it('shows what is told around a value, and not who charged', async () => {
    const { sessions } = await asked(FINISH, {
      EvseID: 'DE*1',
      Identification: { RFIDMifareFamilyIdentification: { UID: 'DEADBEEF' } },
      CalibrationLawVerificationInfo: { PublicKey: key },
    })
    const shown = sessions[0]?.records[0]?.unsigned
    expect(shown?.map(({ name }) => name)).toEqual([
      'SessionID',
      'EvseID',
      'CalibrationLawVerificationInfo.PublicKey',
      'SignedMeteringValues[0].MeteringStatus',
    ])
    expect(JSON.stringify(shown)).not.toContain('DEADBEEF')
  })

  it('opens a document in the place of a record, and names it', async () => {
    const { verdict, inputs, sessions } = await asked(base64(utf8(xml)))
    expect(verdict).toBe('valid')
    expect(inputs.map(({ name, kind, format }) => `${name} ${kind} ${format}`)).toEqual([
      'cdr.json container oicp',
      'cdr.json/SignedMeteringValues[0] container safe-xml',
    ])
    expect(sessions[0]?.records.map(({ input }) => input)).toEqual([inputs[1]?.name, inputs[1]?.name])
  })

  it('does not let a label of one value call two records', async () => {
    const { sessions } = await asked(xml)
    expect(sessions[0]?.checks.filter(({ state }) => state === 'fail')).toEqual([])
  })

  it.each([
    [{ MeterValueEnd: 10.5, ConsumedEnergy: 10.5 }, 'valid'],
    [{ MeterValueStart: 10, MeterValueEnd: 20.5 }, 'valid'],
    [{ MeterValueStart: 10.5, ConsumedEnergy: 10.5 }, 'invalid'],
    [{ MeterValueStart: 10, MeterValueEnd: 10.5, ConsumedEnergy: 10.5 }, 'invalid'],
    [{ MeterValueEnd: 10.4 }, 'invalid'],
    [{ MeterValueEnd: 10.5 }, 'invalid'],
  ])('may count from zero at the end alone, and as its energy says: %j', async (told, verdict) => {
    const values = [BEGIN, FINISH].map((SignedMeteringValue) => ({ SignedMeteringValue }))
    const document = { SignedMeteringValues: values, CalibrationLawVerificationInfo: { PublicKey: key }, ...told }
    expect((await ask({ 'cdr.json': JSON.stringify(document) })).verdict).toBe(verdict)
  })

  it.each([
    ['Start', 'End', 'valid'],
    ['START', 'END', 'valid'],
    ['Start', 'Progress', 'incomplete'],
    ['Progress', 'End', 'incomplete'],
  ])('says which is the begin and which the end where the meter signs neither: %s, %s', async (first, last, verdict) => {
    const values = [edlBlock(), edlEnd()].map((block, index) => ({
      SignedMeteringValue: hex(edlTelegram(block, edlSignature(block))),
      MeteringStatus: [first, last][index],
    }))
    const document = { SignedMeteringValues: values, CalibrationLawVerificationInfo: { PublicKey: keyHex() } }
    expect((await ask({ 'cdr.json': JSON.stringify(document) })).verdict).toBe(verdict)
  })

  it('counts the bytes of a document in a place as unpacked', async () => {
    const files = { 'cdr.json': JSON.stringify({ SignedMeteringValues: [{ SignedMeteringValue: base64(utf8(xml)) }] }) }
    const { inputs } = await ask(files, { limits: { unpackedBytes: 100 } })
    expect(inputs.map(({ fault }) => fault?.code)).toContain('limit-exceeded')
  })

  it('leaves archives and pictures in a place alone', async () => {
    const { verdict, inputs } = await asked(base64(Uint8Array.of(0x50, 0x4b, 3, 4, ...new Array(60).fill(0))))
    expect([verdict, inputs.at(-1)?.fault?.code]).toEqual(['unreadable', 'input-unknown'])
  })
})
