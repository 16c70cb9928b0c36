// OCMF, the Open Charge Metering Format, versions 0.1 to 1.4: a text `OCMF|payload|signature`, or several of them.
// Says which bytes are signed and what they mean; whether the signature holds is not asked here.
import { utf8 } from '../../base/bytes.ts'
import { Fault } from '../../base/fault.ts'
import { stripped } from '../../base/texts.ts'
import type { Content } from '../content.ts'
import type { Format, ReadRecord } from '../format.ts'
import type { JsonNode } from '../json-text.ts'
import type { MeterRecord, Pagination, SignedPart, Source } from '../reading.ts'
import { readTariffText, type TariffText } from '../tariff-text.ts'
import { ocmfFields } from './ocmf/fields.ts'
import { readOcmfReadings } from './ocmf/readings.ts'
import { readOcmfSignature } from './ocmf/signature.ts'
import { OCMF_PREFIX, type OcmfParts, splitOcmf } from './ocmf/split.ts'

export const ocmf: Format = {
  name: 'ocmf',
  recognise: ({ text }) => text !== undefined && START.test(text),
  *read(content) {
    for (const parts of splitOcmf(bare(content))) yield readOne(parts)
  },
}

/** Also as a JSON string, which is how it is pasted out of logs and API answers. */
const START = /^\s*(?:OCMF\||"OCMF\|)/

const bare = ({ text = '' }: Content): string => {
  const trimmed = text.trimStart()
  if (trimmed.startsWith(OCMF_PREFIX)) return text
  try {
    return String(JSON.parse(trimmed))
  } catch (cause) {
    throw new Fault('record-malformed', 'expected one JSON string that holds an OCMF document', {}, cause)
  }
}

const readOne = (parts: OcmfParts | Fault): ReadRecord => {
  if (parts instanceof Fault) return parts
  const { members } = parts.payload
  const version = textOf(members.get('FV'))
  if (version !== undefined && !VERSION.test(version)) {
    return new Fault('record-malformed', `expected an OCMF version up to 1.x, got ${version.slice(0, 20)}`)
  }
  return recordOf(parts)
}

/** The specification says major.minor; some stations add a third number. */
const VERSION = /^(?:0\.[1-9]|1(?:\.[0-9]{1,2}){0,2})$/

const recordOf = (parts: OcmfParts): MeterRecord => {
  const { payload, payloadText, key } = parts
  const problems: string[] = []
  const pagination = paginationOf(payload.members.get('PG'), problems)
  const tariff = tariffOf(payload.members)
  const readings = readOcmfReadings(payload.members.get('RD'), problems)
  return {
    format: 'ocmf',
    signed: signedParts(parts),
    signature: readOcmfSignature(parts.signature),
    keys: key === undefined ? [] : [key],
    source: sourceOf(payload.members, problems),
    pagination,
    readings,
    problems,
    tariff: tariff === 'malformed' ? 'other' : tariff,
    remarks: remarksOn(parts, tariff === 'malformed'),
    fields: () => ocmfFields(payloadText),
  }
}

/** Where the tariff changes in the middle (OCMF 1.4 table 7, TX = T), what the text says is not the price of all. */
const tariffOf = (members: ReadonlyMap<string, JsonNode>): TariffText | 'malformed' | 'other' | undefined => {
  const text = textOf(members.get('TT')) ?? ''
  const tariff = text === '' ? undefined : (readTariffText(text) ?? 'other')
  const list = members.get('RD')
  const changes = list?.type === 'array' && list.items.some((item) => item.type === 'object' && textOf(item.members.get('TX')) === 'T')
  return changes && tariff !== 'malformed' ? 'other' : tariff
}

/** Producer errors that change nothing of what was measured. */
const remarksOn = ({ payload, key }: OcmfParts, brokenTariff: boolean): MeterRecord['remarks'] => {
  const version = textOf(payload.members.get('FV')) ?? ''
  const remarks: string[] = []
  if (/^1\.[0-9]+\.[0-9]+$/.test(version)) remarks.push(`FV is ${version}: a version has two numbers`)
  if (brokenTariff) remarks.push('TT begins like a tariff profile and breaks it')
  if (key !== undefined) remarks.push('a fourth section with a public key, which no version of the specification has')
  return remarks.length === 0 ? undefined : remarks
}

/** Some stations sign the blanks around the braces too; the braces alone are what the specification says. */
const signedParts = ({ payloadText, sectionText }: OcmfParts): SignedPart[] => {
  const braces = { name: 'braces', bytes: utf8(payloadText) }
  return payloadText.length === sectionText.length ? [braces] : [braces, { name: 'section', bytes: utf8(sectionText) }]
}

const PAGINATION = /^([TF])([0-9]{1,15})$/

const paginationOf = (node: JsonNode | undefined, problems: string[]): Pagination | undefined => {
  const text = textOf(node)
  if (text === undefined) return undefined
  const [, series, number] = PAGINATION.exec(text) ?? []
  if (series !== undefined && number !== undefined) return { series, number: Number(number) }
  problems.push('PG is not T or F and a number')
  return undefined
}

/** OCMF 1.4 table 13: the levels that say the assignment went wrong. */
const FAILED_LEVELS = new Set(['MISMATCH', 'INVALID', 'OUTDATED', 'UNKNOWN'])

const sourceOf = (members: ReadonlyMap<string, JsonNode>, problems: string[]): Source => {
  const member = (name: string): string => {
    const node = members.get(name)
    if (node?.type === 'object' || node?.type === 'array') problems.push(`${name} is not a text`)
    // meters pad with blanks; another white character makes another name
    return stripped(textOf(node) ?? '', ' \t')
  }
  const status = members.get('IS')
  // version 0.1 wrote the level where later versions say whether there is one
  const level = member('IL') || (status?.type === 'string' ? status.text : '')
  return {
    user: [member('IT'), member('ID')].filter((part) => part !== '').join(' ') || undefined,
    meter: member('MS') || undefined,
    gateway: member('GS') || undefined,
    chargePoint: member('CI') || undefined,
    assignment: level === '' ? undefined : { level, failed: FAILED_LEVELS.has(level.toUpperCase()) },
  }
}

const textOf = (node: JsonNode | undefined): string | undefined =>
  node?.type === 'string' || node?.type === 'number' ? node.text : undefined
