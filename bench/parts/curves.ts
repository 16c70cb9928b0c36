// Signatures per curve: node:crypto signs and verifies, the portable engine of the browser verifies.
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import type { CurveName } from '../../src/crypto/engine.ts'
import { portableEngine } from '../../src/crypto/portable.ts'
import { cpuOf } from '../cpu.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import { signedMessage } from '../records.ts'

export const curves: Part = { name: 'curves', measure: (plan) => measure(plan) }

const measure = async (plan: Plan): Promise<Row[]> => {
  const short: Plan = { ...plan, cpuMs: plan.cpuMs / 5, rounds: Math.min(plan.rounds, 2) }
  const rows: Row[] = []
  for (const curve of Object.keys(CURVES) as CurveName[]) rows.push(...(await curveRows(curve, short)))
  return rows
}

const curveRows = async (curve: CurveName, plan: Plan): Promise<Row[]> => {
  const { signer, message, raw } = signedMessage(curve)
  const engines = { native: nodeEngine(), portable: portableEngine() }
  const check = (engine: keyof typeof engines) => () => {
    if (!engines[engine].verifyEcdsa(signer.publicKey, 'SHA-256', message, raw))
      throw new Error(`${engine} refused a good ${curve} signature`)
  }
  const cpu = await cpuOf({ sign: () => signer.sign('SHA-256', message), native: check('native'), portable: check('portable') }, plan)
  return [
    row({ part: 'curves', what: `${curve} sign, node`, value: cpu.sign, unit: 'µs CPU' }),
    row({
      part: 'curves',
      what: `${curve} verify, node`,
      value: cpu.native,
      unit: 'µs CPU',
      yardstick: { what: 'portable engine', value: cpu.portable },
    }),
  ]
}
