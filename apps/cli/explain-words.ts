// The words of `chargeproof explain`.
import type { Sentence } from '../../src/transparency/index.ts'

export const WORDS = {
  how: { de: 'So entstehen die Werte', en: 'How the values are made' },
  energy: { de: 'Energie', en: 'Energy' },
  stated: { de: 'wie der Datensatz sie nennt', en: 'as the record states it' },
  difference: {
    de: 'Ende weniger Beginn in dem Register, auf dem eine Rechnung beruht',
    en: 'end less begin in the register that a bill rests on',
  },
  'no-energy': {
    de: 'Keine Zahl: Es gibt keinen Zählerstand mit genau einem Anfang und Ende, oder der Ladevorgang ist ungültig.',
    en: 'No number: no register has exactly one begin and one end, or the session is invalid.',
  },
  begin: { de: 'Beginn', en: 'Begin' },
  end: { de: 'Ende', en: 'End' },
  clock: {
    de: 'Zeiten stehen so da, wie der Zähler sie signiert hat, mit seiner Abweichung von UTC, unabhängig von der Zeitzone dieses Rechners.',
    en: 'Times stand as the meter signed them, with its own offset from UTC, whatever the time zone of this machine.',
  },
  unmarked: { de: 'kein Zählerstand ist so gekennzeichnet', en: 'no reading is marked as such' },
  cost: { de: 'Kosten', en: 'Cost' },
  tariff: { de: 'nach dem signierten Tariftext', en: 'by the signed tariff text' },
  started: {
    de: 'angefangene Wh und Minuten zählen ganz; gerundet wird einmal, am Ende, kaufmännisch auf den Cent',
    en: 'started Wh and minutes count whole; rounded once, at the end, half up to the cent',
  },
  'time-after-charging': {
    de: 'Der Tarif hat einen Preis für Zeit nach dem Laden, die in den Daten nicht steht: nicht enthalten.',
    en: 'The tariff has a price for time after charging, which is not in the data: not included.',
  },
  key: { de: 'Schlüssel', en: 'Key' },
  fingerprint: { de: 'SHA-256 des Schlüssels', en: 'SHA-256 of the key' },
  from: { de: 'gefunden in', en: 'found in' },
  record: { de: 'Datensatz', en: 'Record' },
  signed: { de: 'Signiert', en: 'Signed' },
  'signed-bytes': { de: 'Bytes, jedes davon', en: 'bytes, each of them' },
  part: { de: 'Teil', en: 'part' },
  at: { de: 'Byte', en: 'byte' },
  bytes: { de: 'Bytes (hex)', en: 'bytes (hex)' },
  field: { de: 'Feld', en: 'field' },
  value: { de: 'Wert', en: 'value' },
  meaning: { de: 'Bedeutung', en: 'meaning' },
  unsigned: {
    de: 'Nicht signiert, beweist nichts, wird nicht benutzt',
    en: 'Not signed, proves nothing, is not used',
  },
  hash: { de: 'Hashwert', en: 'Hash' },
  'hash-inside': { de: 'Das Verfahren nimmt den Text selbst, keinen Hashwert.', en: 'The algorithm takes the text itself, no hash of it.' },
  truncated: {
    de: 'davon zählen die vorderen Bits, so viele die Kurve hat',
    en: 'of which the leftmost bits count, as many as the curve has',
  },
  signature: { de: 'Signatur', en: 'Signature' },
  'no-evidence': { de: 'Zu viele Datensätze, um jeden einzeln zu zeigen.', en: 'Too many records to show each of them.' },
  rules: { de: 'Regeln', en: 'Rules' },
  nothing: { de: 'nichts', en: 'nothing' },
} as const satisfies Record<string, Sentence>
