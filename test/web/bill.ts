// A monthly bill for tests of the page: many sessions of several meters in their own files, most of them right, some wrong, some incomplete.
import { beginRecord, END, hexKeyOf, ocmfText, payload, present, reading, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'

export interface BillFile {
  readonly name: string
  readonly text: string
}

/** The 11th of every 25 is wrong and the 20th has no end; the others are right, and have seven values each. */
export const bill = (sessions: number): BillFile[] =>
  Array.from({ length: sessions }, (_, i) => ({ name: nameOf(i), text: sessionText(i) }))

/** A session that still runs: a begin and what its meter has signed since. */
export const runningText = (): string => {
  const values = [0, 0.9, 2.35].map((kwh, n) =>
    present(
      reading({
        TM: `2026-03-01T08:${String(n * 9).padStart(2, '0')}:00,000+0100 S`,
        TX: n === 0 ? 'B' : 'C',
        RV: `#${(100 + kwh).toFixed(3)}`,
      }),
    ),
  )
  return safeXml([{ data: ocmfText(payload({ RD: values })), key: hexKeyOf(SIGNER) }])
}

/** All sessions in one file. */
export const billInOne = (sessions: number): BillFile => {
  const values = Array.from({ length: sessions }, (_, i) => ({ data: documentOf(i), key: hexKeyOf(SIGNER), transactionId: String(i + 1) }))
  return { name: 'bill.xml', text: safeXml(values) }
}

const nameOf = (i: number): string => `bill-${String(i + 1).padStart(4, '0')}.xml`

const sessionText = (i: number): string => safeXml([{ data: documentOf(i), key: hexKeyOf(SIGNER) }])

const documentOf = (i: number): string => {
  const base = { MS: `CPM-${String((i % 12) + 1).padStart(4, '0')}`, PG: `T${i + 1}` }
  const day = String((i % 28) + 1).padStart(2, '0')
  const hour = String(Math.floor(i / 28) % 24).padStart(2, '0')
  const at = (minute: number, kind: string, kwh: number) =>
    present(reading({ TM: `2026-03-${day}T${hour}:${String(minute).padStart(2, '0')}:00,000+0100 S`, TX: kind, RV: `#${kwh.toFixed(3)}` }))
  const start = 100 + i
  if (i % 25 === 19) return ocmfText(beginRecord(base, { TM: `2026-03-${day}T${hour}:00:00,000+0100 S` }))
  const values = [0, 1.21, 2.4, 3.65, 4.9, 5.3, 5.512].map((kwh, n) =>
    at(n * 9, n === 0 ? 'B' : n === 6 ? String(END.TX) : 'C', start + kwh),
  )
  const text = ocmfText(payload({ ...base, RD: values }))
  return i % 25 === 10 ? text.replace((start + 5.512).toFixed(3), (start + 9.512).toFixed(3)) : text
}
