// Reads an energy meter that speaks Modbus/TCP, wherever a socket leads to it: beside this machine, or through a tunnel (docs/protocol.md §13.4).
import { connect } from 'node:net'
import { Fault } from '../../src/base/fault.ts'
import { type MeterReading, meterQuestion, readAnswer } from './modbus.ts'

const WAIT_MS = 10_000

/** One question, one answer, and the connection ends. Rejects with Fault `unreachable`; `remote-error` where the meter will not say. */
export const readMeter = ({ host, port }: { readonly host: string; readonly port: number }): Promise<MeterReading> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: WAIT_MS })
    const failed = (cause?: unknown): void => {
      socket.destroy()
      reject(new Fault('unreachable', `no meter answers at ${host}:${port}`, {}, cause))
    }
    let heard = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes])
      const answer = readAnswer(heard)
      if (answer === undefined) return
      socket.end()
      if ('exception' in answer) reject(new Fault('remote-error', `the meter answers with exception ${answer.exception}`))
      else resolve(answer)
    })
    // who has an answer hears no more of how the connection ended
    socket.on('error', failed).on('timeout', failed).on('close', failed)
    socket.write(meterQuestion(1))
  })

export const readingText = ({ powerW, energyWh, volts }: MeterReading): string =>
  `${powerW} W, ${(energyWh / 1000).toFixed(3)} kWh, ${volts.toFixed(1)} V`
