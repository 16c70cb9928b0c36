// What a verdict means to the one who pays, in German and English: one sentence for each verdict, signature state, key trust, rule
// and code. Views show these; nothing is decided here.
import type { FaultCode } from '../base/fault.ts'
import type { CheckCode, CheckId } from './checks/check.ts'
import type { OpensslAnswer } from './openssl.ts'
import type { InputKind, KeySignerState, KeyTrust, SignatureState, VerdictState } from './verdict.ts'

export const LANGUAGES = ['de', 'en'] as const
export type Language = (typeof LANGUAGES)[number]
export type Sentence = Readonly<Record<Language, string>>

/** The sentence for a key of one of the tables below; the key itself where a later version has added one. */
export const sentence = (table: Readonly<Record<string, Sentence>>, key: string, language: Language): string =>
  Object.hasOwn(table, key) ? (table[key]?.[language] ?? key) : key

/** A verdict in a word or two, as a heading. */
export const VERDICT_WORDS = {
  valid: { de: 'Gültig', en: 'Valid' },
  invalid: { de: 'Ungültig', en: 'Invalid' },
  incomplete: { de: 'Unvollständig', en: 'Incomplete' },
  unproven: { de: 'Nicht bewiesen', en: 'Not proven' },
  unreadable: { de: 'Nichts zu prüfen', en: 'Nothing to check' },
} as const satisfies Record<VerdictState, Sentence>

export const VERDICT_SENTENCES = {
  valid: {
    de: 'Die Messwerte sind echt und der Ladevorgang ist vollständig.',
    en: 'The meter values are genuine and the session is complete.',
  },
  invalid: {
    de: 'Diese Messwerte sind nicht in Ordnung: Sie wurden verändert oder passen nicht zusammen.',
    en: 'These meter values are not in order: they were altered or do not belong together.',
  },
  incomplete: {
    de: 'Es fehlt der Anfang oder das Ende des Ladevorgangs.',
    en: 'The begin or the end of the session is missing.',
  },
  unproven: {
    de: 'Die Messwerte konnten nicht geprüft werden, weil ein Schlüssel fehlt oder das Verfahren nicht unterstützt wird.',
    en: 'The meter values could not be checked, because a key is missing or the algorithm is not supported.',
  },
  unreadable: { de: 'Es wurde kein Ladevorgang gefunden.', en: 'No session was found.' },
} as const satisfies Record<VerdictState, Sentence>

export const KEY_TRUST_SENTENCES = {
  pinned: { de: 'Der Schlüssel stammt aus Ihrem eigenen Schlüsselverzeichnis.', en: 'The key comes from your own store of trusted keys.' },
  registered: { de: 'Eine vertrauenswürdige Stelle bürgt für den Schlüssel.', en: 'A trusted party vouches for the key.' },
  supplied: {
    de: 'Der Schlüssel wurde mitgegeben. Vergleichen Sie ihn mit dem auf dem Zähler oder bei der Bundesnetzagentur.',
    en: 'The key was supplied along with the question. Compare it with the one printed on the meter or published by the regulator.',
  },
  embedded: {
    de: 'Der Schlüssel stand in derselben Datei. Das beweist, dass die Werte zusammenpassen, nicht aber, dass sie von Ihrem Zähler stammen.',
    en: 'The key came inside the same file. That proves that the values fit the key, not that they come from your meter.',
  },
  none: { de: 'Es ist kein Schlüssel bekannt.', en: 'No key is known.' },
} as const satisfies Record<KeyTrust, Sentence>

export const SIGNATURE_SENTENCES = {
  valid: { de: 'Signatur gültig', en: 'signature valid' },
  invalid: { de: 'Signatur ungültig', en: 'signature invalid' },
  'key-missing': { de: 'Schlüssel fehlt', en: 'key missing' },
  malformed: { de: 'Signatur beschädigt', en: 'signature damaged' },
  unsupported: { de: 'Verfahren nicht unterstützt', en: 'algorithm not supported' },
  absent: { de: 'nicht signiert', en: 'not signed' },
} as const satisfies Record<SignatureState, Sentence>

/** What holds when the rule passes. */
export const CHECK_SENTENCES = {
  signature: { de: 'Jeder Datensatz ist gültig signiert.', en: 'Every record bears a good signature.' },
  key: { de: 'Der Schlüssel gehört zum Zähler.', en: 'The key belongs to the meter.' },
  format: { de: 'Jeder Datensatz hält sich an sein Format.', en: 'Every record keeps to its format.' },
  begin: { de: 'Der Ladevorgang hat genau einen Anfang.', en: 'The session has exactly one begin.' },
  end: { de: 'Der Ladevorgang hat genau ein Ende.', en: 'The session has exactly one end.' },
  duplicate: { de: 'Kein Datensatz kommt doppelt vor.', en: 'No record comes twice.' },
  pagination: {
    de: 'Die Nummern der Datensätze steigen, und wo das Format es verlangt, ohne Lücke.',
    en: 'The numbers of the records rise, and without a gap where the format asks for it.',
  },
  time: { de: 'Die Zeit läuft vorwärts.', en: 'Time runs forwards.' },
  energy: { de: 'Der Zählerstand sinkt nie.', en: 'The meter never counts down.' },
  source: { de: 'Zähler, Nutzer und Register bleiben dieselben.', en: 'Meter, user and register stay the same.' },
  'meter-status': { de: 'Der Zähler meldet keinen Fehler.', en: 'The meter reports no error.' },
  'energy-usable': { de: 'Alle Werte sind abrechenbar.', en: 'All values may be billed.' },
  exception: { de: 'Es gab keine Störung während des Ladens.', en: 'Nothing went wrong while charging.' },
  user: { de: 'Die Zuordnung zum Nutzer ist nicht gescheitert.', en: 'The assignment to the user did not fail.' },
  logbook: { de: 'Das Logbuch des Zählers blieb unverändert.', en: 'The logbook of the meter did not change.' },
  clock: { de: 'Die Uhr war gestellt.', en: 'The clock was set.' },
  plausible: { de: 'Die Energiemenge ist plausibel.', en: 'The amount of energy is plausible.' },
  total: { de: 'Die genannte Energiemenge passt zu den Zählerständen.', en: 'The stated amount of energy fits the meter values.' },
  told: { de: 'Was um die Datensätze herum steht, passt zu ihnen.', en: 'What stands around the records agrees with them.' },
  strength: { de: 'Das Signaturverfahren ist stark genug.', en: 'The signature algorithm is strong enough.' },
} as const satisfies Record<CheckId, Sentence>

/** What is wrong when the rule does not pass. */
export const CODE_SENTENCES = {
  'signature-invalid': {
    de: 'Die Signatur passt nicht zu den Werten: Sie wurden nach der Messung verändert, oder der Schlüssel ist ein anderer.',
    en: 'The signature does not fit the values: they were altered after the measurement, or the key is another one.',
  },
  'signature-malformed': { de: 'Die Signatur oder ihr Schlüssel ist beschädigt.', en: 'The signature or its key is damaged.' },
  'signature-absent': { de: 'Der Datensatz ist nicht signiert.', en: 'The record is not signed.' },
  'key-missing': { de: 'Der öffentliche Schlüssel des Zählers fehlt.', en: 'The public key of the meter is missing.' },
  'key-mismatch': {
    de: 'Der Datensatz ist nicht mit dem bekannten Schlüssel des Zählers signiert, sondern mit einem mitgebrachten.',
    en: 'The record is not signed with the known key of the meter but with one it brought along.',
  },
  'key-curve': { de: 'Schlüssel und Datensatz nennen verschiedene Verfahren.', en: 'Key and record name different algorithms.' },
  'algorithm-unsupported': {
    de: 'Dieses Signaturverfahren kann hier nicht geprüft werden.',
    en: 'This signature algorithm cannot be checked here.',
  },
  'record-malformed': { de: 'Ein Datensatz ist beschädigt.', en: 'A record is damaged.' },
  'begin-missing': { de: 'Der Anfang des Ladevorgangs fehlt.', en: 'The begin of the session is missing.' },
  'begin-duplicate': { de: 'Der Ladevorgang beginnt zweimal.', en: 'The session begins twice.' },
  'end-missing': { de: 'Das Ende des Ladevorgangs fehlt.', en: 'The end of the session is missing.' },
  'end-duplicate': { de: 'Der Ladevorgang endet zweimal.', en: 'The session ends twice.' },
  'marker-order': { de: 'Das Ende steht vor dem Anfang.', en: 'The end stands before the begin.' },
  duplicate: {
    de: 'Ein Datensatz kommt doppelt vor. Wurde derselbe Beleg zweimal geladen, genügt einer.',
    en: 'A record comes twice. Where the same receipt was given twice, once is enough.',
  },
  'pagination-gap': { de: 'Zwischen den Datensätzen fehlt mindestens einer.', en: 'At least one record is missing in between.' },
  'pagination-order': { de: 'Die Nummern der Datensätze laufen rückwärts.', en: 'The numbers of the records run backwards.' },
  'pagination-absent': { de: 'Der Datensatz ist nicht nummeriert.', en: 'The record is not numbered.' },
  'time-backwards': { de: 'Die Zeit springt zurück.', en: 'Time jumps back.' },
  'energy-decreasing': { de: 'Der Zählerstand sinkt.', en: 'The meter counts down.' },
  'source-mismatch': {
    de: 'Zähler, Nutzer, Register oder Schlüssel wechseln mittendrin.',
    en: 'Meter, user, register or key change on the way.',
  },
  'meter-status': { de: 'Der Zähler meldet einen Fehler.', en: 'The meter reports an error.' },
  'energy-unusable': {
    de: 'Der Zähler sagt selbst, dass der Wert nicht abgerechnet werden darf.',
    en: 'The meter itself says that the value must not be billed.',
  },
  'time-unusable': { de: 'Nach Zeit darf nicht abgerechnet werden.', en: 'Time must not be billed.' },
  exception: { de: 'Während des Ladens gab es eine Störung.', en: 'Something went wrong while charging.' },
  'user-assignment': { de: 'Die Zuordnung zum Nutzer ist gescheitert.', en: 'The assignment to the user failed.' },
  'logbook-changed': {
    de: 'Während des Ladens wurde in das Logbuch des Zählers geschrieben.',
    en: 'The logbook of the meter changed while charging.',
  },
  'time-informative': {
    de: 'Die Uhrzeit ist nur zur Information, die Energie ist davon nicht betroffen.',
    en: 'The time is informative only; the energy is not affected.',
  },
  implausible: { de: 'So viel Energie passt kaum in ein Auto.', en: 'Hardly any car takes that much energy.' },
  'value-negative': { de: 'Ein Zählerstand ist negativ.', en: 'A meter value is below zero.' },
  'total-mismatch': {
    de: 'Die genannte Energiemenge ist nicht die Differenz der Zählerstände.',
    en: 'The stated amount of energy is not the difference of the meter values.',
  },
  'told-mismatch': {
    de: 'Das Dokument nennt andere Werte, Zeiten oder Preise, als signiert sind.',
    en: 'The document tells other values, times or prices than are signed.',
  },
  'algorithm-weak': {
    de: 'Das Signaturverfahren dieses Zählers gilt heute als schwach.',
    en: 'The signature algorithm of this meter counts as weak today.',
  },
  'record-deviates': {
    de: 'Ein Datensatz weicht von seinem Format ab; die Werte sind davon nicht betroffen.',
    en: 'A record deviates from its format; the values are not affected.',
  },
} as const satisfies Record<CheckCode, Sentence>

/** What a person is told about an input that could not be used. */
export const INPUT_FAULT_SENTENCES = {
  'input-unknown': { de: 'Diese Datei enthält nichts Bekanntes.', en: 'There is nothing known in this file.' },
  'input-missing': {
    de: 'Diese Datei gibt es nicht, oder sie lässt sich nicht lesen.',
    en: 'There is no such file, or it cannot be read.',
  },
  'record-malformed': { de: 'Diese Datei ist beschädigt.', en: 'This file is damaged.' },
  'json-malformed': { de: 'Diese Datei ist beschädigt: Es ist kein ganzes JSON.', en: 'This file is damaged: it is no whole JSON.' },
  'bytes-malformed': { de: 'In dieser Datei sind Bytes falsch geschrieben.', en: 'Bytes in this file are not written as they should be.' },
  'link-not-followed': {
    de: 'Das verweist ins Netz, und von dort wird nichts geholt: Laden Sie die Datei selbst herunter.',
    en: 'This leads to the network, from where nothing is fetched: download the file yourself.',
  },
  internal: { de: 'Daran ist das Prüfprogramm gescheitert.', en: 'The verifier failed at this.' },
  'key-malformed': { de: 'Das ist kein öffentlicher Schlüssel.', en: 'This is not a public key.' },
  'key-unused': { de: 'Dieser Schlüssel gehört zu keinem der Zähler.', en: 'This key belongs to none of the meters.' },
  'algorithm-unsupported': { de: 'Dieses Verfahren wird nicht unterstützt.', en: 'This algorithm is not supported.' },
  'limit-exceeded': { de: 'Das ist zu groß oder dauert zu lange.', en: 'This is too large or takes too long.' },
} as const satisfies Partial<Record<FaultCode, Sentence>>

/** Why openssl cannot repeat the check of a record. */
export const OPENSSL_SENTENCES = {
  'no-evidence': { de: 'Zu diesem Datensatz wurden keine Nachweise erstellt.', en: 'No evidence was made for this record.' },
  'key-missing': { de: 'Ohne öffentlichen Schlüssel gibt es nichts zu prüfen.', en: 'Without a public key there is nothing to check.' },
  absent: { de: 'Der Datensatz ist nicht signiert.', en: 'The record is not signed.' },
  malformed: {
    de: 'Die Signatur oder ihr Schlüssel ist beschädigt: Es gibt keine zwei Zahlen, die openssl lesen könnte.',
    en: 'The signature or its key is damaged: there are no two numbers that openssl could read.',
  },
  unsupported: { de: 'Dieses Verfahren kennt auch openssl so nicht.', en: 'This algorithm is not one that openssl can check either.' },
  'key-curve': {
    de: 'Datensatz und Schlüssel nennen verschiedene Verfahren: openssl würde etwas anderes prüfen, als der Datensatz sagt.',
    en: 'Record and key name different algorithms: openssl would check something else than the record says.',
  },
} as const satisfies Record<Extract<OpensslAnswer, { impossible: string }>['impossible'], Sentence>

export const INPUT_KIND_SENTENCES = {
  record: { de: 'Datensatz', en: 'record' },
  key: { de: 'Schlüssel', en: 'key' },
  container: { de: 'Behälter', en: 'container' },
  link: { de: 'Verweis', en: 'link' },
  unknown: { de: 'unbekannt', en: 'unknown' },
} as const satisfies Record<InputKind, Sentence>

export const KEY_SIGNER_SENTENCES = {
  trusted: { de: 'bürgt für den Schlüssel und gilt als vertrauenswürdig', en: 'vouches for the key and is trusted' },
  unverified: { de: 'bürgt für den Schlüssel, ist aber selbst nicht nachgewiesen', en: 'vouches for the key, but is an unverified signer' },
  invalid: { de: 'hat diesen Schlüssel nicht unterschrieben', en: 'did not sign this key' },
  expired: { de: 'bürgte, aber nicht mehr zur Zeit der Messung', en: 'vouched for the key, but no longer at the time of the measurement' },
  'not-yet': { de: 'bürgt, aber noch nicht zur Zeit der Messung', en: 'vouches for the key, but not yet at the time of the measurement' },
  revoked: {
    de: 'bürgte, doch das Zertifikat war zur Zeit der Messung schon widerrufen',
    en: 'vouched for the key, but the certificate was revoked before the measurement',
  },
  'revocation-unknown': {
    de: 'bürgt, doch keine Sperrliste reicht bis zur Zeit der Messung',
    en: 'vouches for the key, but no revocation list tells of the time of the measurement',
  },
  'wrong-use': { de: 'bürgt, aber nicht für Messwerte', en: 'vouches for the key, but not for meter values' },
  'wrong-meter': { de: 'bürgt, aber für einen anderen Zähler', en: 'vouches for the key, but of another meter' },
  unsupported: { de: 'bürgt auf eine Weise, die hier nicht geprüft wird', en: 'vouches in a way that is not checked here' },
} as const satisfies Record<KeySignerState, Sentence>
