// What stands on the paper besides the verifier's own sentences.
import type { Language } from '../transparency/index.ts'

export interface Words {
  readonly title: string
  readonly verdict: string
  readonly energy: string
  readonly energySoFar: string
  readonly begin: string
  readonly end: string
  readonly cost: string
  readonly costSoFar: string
  readonly meter: string
  readonly key: string
  readonly fingerprint: string
  readonly time: string
  readonly value: string
  readonly register: string
  readonly signature: string
  readonly unknown: string
  readonly repeat: string
  readonly repeatWhy: string
  readonly sources: string
  readonly page: string
  readonly given: string
  readonly more: (count: number) => string
  readonly attached: (count: number) => string
  readonly unused: (count: number, names: string) => string
  readonly changed: string
  readonly judged: (by: string, at: string) => string
}

export const PAPER: Readonly<Record<Language, Words>> = {
  de: {
    title: 'Prüfbericht über signierte Messwerte',
    verdict: 'Ergebnis',
    energy: 'Energie',
    energySoFar: 'Energie bisher',
    begin: 'Beginn',
    end: 'Ende',
    cost: 'Kosten nach signiertem Tarif',
    costSoFar: 'Kosten bisher',
    meter: 'Zähler',
    key: 'Woher der Schlüssel kommt und was das beweist',
    fingerprint: 'Fingerabdruck (SHA-256)',
    time: 'Zeit',
    value: 'Wert',
    register: 'Register (OBIS)',
    signature: 'Signatur',
    unknown: 'unbekannt',
    repeat: 'Selbst nachprüfen',
    repeatWhy:
      'Diese Befehle wiederholen die Prüfung mit openssl und ohne dieses Programm. Sie liegen diesem PDF auch als openssl.sh bei, ebenso das ganze Ergebnis (verdict.json) und was geprüft wurde, Byte für Byte.',
    sources: 'Quelltext des Prüfers (SHA-256)',
    page: 'Dateien der Seite, files.sha256 (SHA-256)',
    given: 'Geprüft',
    more: (count) => `und ${count} weitere: siehe verdict.json`,
    attached: (count) => `Befehle zu ${count} weiteren Datensätzen, soweit es sie gibt, stehen in openssl.sh.`,
    unused: (count, names) => `Nicht verwendbar: ${count} (${names})`,
    changed: 'Nicht wie geliefert: Fehlende Buchstaben sind umschrieben (ISO 843, ICAO 9303) oder „?“; genau in verdict.json.',
    judged: (by, at) => `Geprüft mit ${by}, ${at}, auf dem Gerät, das diesen Bericht schrieb.`,
  },
  en: {
    title: 'Report on signed meter values',
    verdict: 'Verdict',
    energy: 'Energy',
    energySoFar: 'Energy so far',
    begin: 'Begin',
    end: 'End',
    cost: 'Cost by the signed tariff',
    costSoFar: 'Cost so far',
    meter: 'Meter',
    key: 'Where the key comes from, and what that proves',
    fingerprint: 'Fingerprint (SHA-256)',
    time: 'Time',
    value: 'Value',
    register: 'Register (OBIS)',
    signature: 'Signature',
    unknown: 'unknown',
    repeat: 'Check it yourself',
    repeatWhy:
      'These commands repeat the check with openssl and without this program. They are attached to this PDF as openssl.sh, and so are the whole verdict (verdict.json) and what was judged, byte for byte.',
    sources: 'Sources of the verifier (SHA-256)',
    page: 'Files of the page, files.sha256 (SHA-256)',
    given: 'Judged',
    more: (count) => `and ${count} more: see verdict.json`,
    attached: (count) => `Commands for ${count} more records, where there are any, are in openssl.sh.`,
    unused: (count, names) => `Not usable: ${count} (${names})`,
    changed: 'Not as it came: letters missing here are Latin ones (ISO 843, ICAO 9303) or “?”; exactly in verdict.json.',
    judged: (by, at) => `Judged with ${by}, ${at}, on the machine that wrote this report.`,
  },
}
