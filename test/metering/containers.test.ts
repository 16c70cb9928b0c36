// The containers in JSON are told by their content, each by one alone.
import { describe, expect, it } from 'vitest'
import type { ContainerName } from '../../src/metering/container.ts'
import { containerOf } from '../../src/metering/containers.ts'
import { contentOfText } from '../../src/metering/json-document.ts'
import { CONTAINER_VECTORS } from '../../tools/transparency-vectors/registry.ts'
import { ask } from '../transparency/support.ts'
import { neverOtherBytes } from './altered-character.ts'

const nameOf = (text: string): ContainerName | undefined => containerOf(contentOfText(text))?.name

describe('a document', () => {
  it.each<[string, ContainerName | undefined]>([
    ['{"signedMeterValues":[]}', 'chargeit'],
    ['{"format":"ptb"}', 'ptb'],
    ['{"format":"PTB"}', undefined],
    ['{"signed_values":[]}', 'ocpi'],
    ['{"signed_data":null}', 'ocpi'],
    ['{"cdr_token":{},"charging_periods":[],"total_energy":1}', 'ocpi'],
    ['{"data":[{"signed_data":{}}]}', 'ocpi'],
    ['{"data":{"data":1}}', undefined],
    ['[2,"id","MeterValues",{"meterValue":[{"sampledValue":[{"signedMeterValue":{}}]}]}]', 'ocpp'],
    ['{"signedMeterData":"x"}', 'ocpp'],
    ['{"format":"SignedData","value":"x"}', 'ocpp'],
    ['{"format":"Raw","value":"x"}', undefined],
    ['{"chargingSessions":[]}', 'ctr'],
    ['{"@context":"https://open.charging.cloud/contexts/CTR+json"}', 'ctr'],
    ['{"@context":"https://open.charging.cloud/contexts/chargeTransparency/live/link/1.0"}', 'livelink'],
    ['{"@context":"https://example.com/contexts/chargeTransparency/live/link/1.0"}', undefined],
    ['{"__proto__":{"signedMeterValues":[]}}', undefined],
    ['{"text":"\\"signedMeterValues\\""}', undefined],
    ['{"@id":"x","value":42}', undefined],
    ['[]', undefined],
  ])('%s is %s', (text, expected) => {
    expect(nameOf(text)).toBe(expected)
    expect(nameOf(` \n${text}\n`)).toBe(expected)
  })

  it.each(CONTAINER_VECTORS.flatMap(({ container, cases }) => cases().map(({ name, question }) => ({ container, name, question }))))(
    'of $container ($name) is told by its content and not by its name',
    async ({ question }) => {
      const renamed = Object.fromEntries(Object.values(question).map((content, index) => [`${index}.bin`, content]))
      const [named, nameless] = [await ask(question), await ask(renamed)]
      expect(nameless.verdict).toBe(named.verdict)
      expect(nameless.inputs.map(({ kind, format }) => [kind, format])).toEqual(named.inputs.map(({ kind, format }) => [kind, format]))
    },
  )
})

describe('one altered character', () => {
  const whole = CONTAINER_VECTORS.map(({ container, cases }) => {
    const [first] = cases().filter(({ name, question }) => name.startsWith('session') && Object.keys(question).length === 1)
    const [text] = Object.values(first?.question ?? {})
    return { container, text: typeof text === 'string' ? text : '' }
  })

  it.each(whole)('of $container is never valid with other signed bytes', async ({ text }) => {
    await neverOtherBytes('a.json', text, 100)
  })
})
