// The JSON that the PTB's reference software takes: two OCMF documents, the key, and the charge box with its place, which nobody signed.
// Everything that is wrong with the envelope is told at once. docs/formats/ptb.md.
import { Fault } from '../../base/fault.ts'
import { withBeside } from '../beside.ts'
import type { Container, Part } from '../container.ts'
import { contentOfText, detailsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { Marker } from '../reading.ts'

export const ptb: Container = {
  name: 'ptb',
  recognise: (content) => textAt(jsonOf(content), 'format') === 'ptb',
  open: (content) => {
    const document = jsonOf(content)
    const errors = envelopeErrors(document)
    const envelope: Part = {
      kind: 'missing',
      name: undefined,
      fault: new Fault('record-malformed', `the envelope: ${errors.join('; ')}`),
    }
    return [...SLOTS.flatMap((name) => slotOf(document, name)), ...(errors.length === 0 ? [] : [envelope])]
  },
}

const SLOTS = ['ocmfBegin', 'ocmfEnd'] as const
const LABELS = { ocmfBegin: 'begin', ocmfEnd: 'end' } as const satisfies Record<(typeof SLOTS)[number], Marker>

const slotOf = (document: JsonNode | undefined, name: (typeof SLOTS)[number]): Part[] => {
  const text = textAt(document, name)
  const key = textAt(document, 'publicKey')
  if (text === undefined) return []
  return [
    {
      kind: 'slot',
      name,
      contents: [contentOfText(text)],
      keys: key === undefined ? [] : [key],
      annotate: (record, alone) =>
        withBeside(record, {
          label: alone ? LABELS[name] : undefined,
          unsigned: detailsAt(document, 'chargeboxIdentifier', 'address', 'geoLocation'),
        }),
    },
  ]
}

const envelopeErrors = (document: JsonNode | undefined): string[] => [
  ...['publicKey', 'chargeboxIdentifier', ...SLOTS].flatMap((name) => filled(document, name)),
  ...addressErrors(nodeAt(document, 'address')),
  ...placeErrors(nodeAt(document, 'geoLocation')),
  ...versionErrors(nodeAt(document, 'formatVersion')),
]

const filled = (document: JsonNode | undefined, ...path: readonly string[]): string[] => {
  const node = nodeAt(document, ...path)
  const found = node === undefined ? 'nothing' : node.type === 'string' ? 'an empty one' : `a ${node.type}`
  return node?.type === 'string' && node.text.trim() !== '' ? [] : [`$.${path.join('.')}: expected a text, got ${found}`]
}

const addressErrors = (address: JsonNode | undefined): string[] => {
  if (address === undefined) return []
  if (address.type !== 'object') return ['$.address: expected an object']
  const oneOf = (...names: readonly string[]): string[] =>
    names.some((name) => textAt(address, name)?.trim()) ? [] : [`$.address: expected ${names.join(' or ')}`]
  return [...oneOf('street'), ...oneOf('city', 'town'), ...oneOf('postalCode', 'zipCode')]
}

const LIMITS = { lat: 90, lng: 180 } as const

const placeErrors = (place: JsonNode | undefined): string[] => {
  if (place === undefined) return []
  if (place.type !== 'object') return ['$.geoLocation: expected an object']
  return Object.entries(LIMITS).flatMap(([name, most]) => {
    const node = nodeAt(place, name)
    const right = node?.type === 'number' && Math.abs(Number(node.text)) <= most
    return right ? [] : [`$.geoLocation.${name}: expected a number up to ${most}`]
  })
}

const versionErrors = (version: JsonNode | undefined): string[] => {
  if (version === undefined) return []
  return version.type === 'string' && /^1(?:\.\d+)*$/.test(version.text) ? [] : ['$.formatVersion: expected version 1']
}
