// Reading and writing frames, and judging a payload, next to what JSON alone costs.
import { randomUUID } from 'node:crypto'
import { readEnvelope, readFrame, writeEnvelope, writeFrame } from '../../src/ocpp/frame.ts'
import { validateRequest } from '../../src/ocpp/validate.ts'
import { cpuOf } from '../cpu.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import { meterValues, meterValuesPayload } from '../traffic.ts'

export const frames: Part = { name: 'frames', measure: (plan) => measure(plan) }

const measure = async (plan: Plan): Promise<Row[]> => {
  const at = new Date().toISOString()
  const plain = meterValues(randomUUID(), at)
  const overlay = `[2,"csms",["cs1","lc"],"${randomUUID()}","MeterValues",${meterValuesPayload(at)},{"ocpp":"ocpp2.0.1"}]`
  const message = readFrame(plain)
  const envelope = readEnvelope(overlay)
  const payload = JSON.parse(meterValuesPayload(at))
  const [plainValue, overlayValue] = [JSON.parse(plain), JSON.parse(overlay)]
  const cpu = await cpuOf(
    {
      readPlain: () => readFrame(plain),
      parsePlain: () => JSON.parse(plain),
      writePlain: () => writeFrame(message),
      stringifyPlain: () => JSON.stringify(plainValue),
      readOverlay: () => readEnvelope(overlay),
      parseOverlay: () => JSON.parse(overlay),
      writeOverlay: () => writeEnvelope(envelope),
      stringifyOverlay: () => JSON.stringify(overlayValue),
      validate: () => validateRequest('ocpp2.0.1', 'MeterValues', payload),
    },
    plan,
  )
  const parse = (value: number) => ({ what: 'JSON.parse', value })
  const stringify = (value: number) => ({ what: 'JSON.stringify', value })
  return [
    row({ ...NAMES, what: `read a plain frame, ${plain.length} bytes`, value: cpu.readPlain, yardstick: parse(cpu.parsePlain) }),
    row({ ...NAMES, what: 'write a plain frame', value: cpu.writePlain, yardstick: stringify(cpu.stringifyPlain) }),
    row({ ...NAMES, what: `read an overlay frame, ${overlay.length} bytes`, value: cpu.readOverlay, yardstick: parse(cpu.parseOverlay) }),
    row({ ...NAMES, what: 'write an overlay frame', value: cpu.writeOverlay, yardstick: stringify(cpu.stringifyOverlay) }),
    row({ ...NAMES, what: 'validate the payload', value: cpu.validate, yardstick: parse(cpu.parsePlain) }),
  ]
}

const NAMES = { part: 'frames', unit: 'µs CPU' } as const
