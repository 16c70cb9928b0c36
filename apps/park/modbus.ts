// A simulated energy meter that speaks Modbus/TCP, and the question that reads it (Modbus Application Protocol 1.1b3 §6.3, §6.4; Messaging
// on TCP/IP 1.0b §3.1.3). Holding and input registers show the same: power in W and energy in Wh, 32 bits each, voltage in tenths of a volt.
import { createServer, type Socket } from 'node:net'

export interface MeterReading {
  readonly powerW: number
  readonly energyWh: number
  readonly volts: number
}

export const METER_REGISTERS = 5
const HEADER = 7
const FUNCTIONS: readonly number[] = [3, 4]
/** §7: what a meter answers to what it does not do. */
const ILLEGAL_FUNCTION = 1
const ILLEGAL_ADDRESS = 2
/** A frame is never longer than 260 bytes (§4.1). */
const MOST = 260

/** Listens on 127.0.0.1. */
export const startMeter = async (reading: () => MeterReading, port = 0): Promise<{ port: number; close(): Promise<void> }> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    let waiting = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      if (socket.destroyed) return
      waiting = Buffer.concat([waiting, bytes])
      for (let frame = firstFrame(waiting); frame !== undefined; frame = firstFrame(waiting)) {
        waiting = waiting.subarray(frame.length)
        // who speaks something else, or longer than there is, is hung up on
        if (!isFrame(frame)) return void socket.destroy()
        socket.write(answerTo(frame, registersOf(reading())))
      }
    })
  })
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((closed) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => closed())
      }),
  }
}

export interface MeterQuestion {
  readonly unit?: number
  readonly code?: 3 | 4
  readonly first?: number
  readonly count?: number
}

/** The question for registers of a meter; all of them unless told otherwise. */
export const meterQuestion = (
  transaction: number,
  { unit = 1, code = 3, first = 0, count = METER_REGISTERS }: MeterQuestion = {},
): Buffer => {
  const frame = Buffer.alloc(HEADER + 5)
  frame.writeUInt16BE(transaction, 0)
  frame.writeUInt16BE(6, 4)
  frame.writeUInt8(unit, 6)
  frame.writeUInt8(code, 7)
  frame.writeUInt16BE(first, 8)
  frame.writeUInt16BE(count, 10)
  return frame
}

/** What the answer says; the exception's number where the meter would not answer, nothing while it is not whole. */
export const readAnswer = (bytes: Buffer): MeterReading | { readonly exception: number } | undefined => {
  const frame = firstFrame(bytes)
  if (frame === undefined) return undefined
  if (frame.readUInt8(HEADER) >= 0x80) return { exception: frame.readUInt8(HEADER + 1) }
  const data = frame.subarray(HEADER + 2)
  return { powerW: data.readInt32BE(0), energyWh: data.readUInt32BE(4), volts: data.readUInt16BE(8) / 10 }
}

const firstFrame = (bytes: Buffer): Buffer | undefined => {
  if (bytes.length < HEADER + 1) return undefined
  const length = HEADER - 1 + bytes.readUInt16BE(4)
  return bytes.length >= length ? bytes.subarray(0, length) : undefined
}

/** §3.1.3: protocol 0, and as much behind the header as a function has at least and a frame at most. */
const isFrame = (frame: Buffer): boolean => frame.readUInt16BE(2) === 0 && frame.length > HEADER && frame.length <= MOST

const registersOf = ({ powerW, energyWh, volts }: MeterReading): Buffer => {
  const registers = Buffer.alloc(2 * METER_REGISTERS)
  registers.writeInt32BE(Math.round(powerW), 0)
  registers.writeUInt32BE(Math.round(energyWh), 4)
  registers.writeUInt16BE(Math.round(volts * 10), 8)
  return registers
}

const answerTo = (frame: Buffer, registers: Buffer): Buffer => {
  const code = frame.readUInt8(HEADER)
  if (!FUNCTIONS.includes(code) || frame.length < HEADER + 5) return answered(frame, Buffer.from([code | 0x80, ILLEGAL_FUNCTION]))
  const [first, count] = [frame.readUInt16BE(HEADER + 1), frame.readUInt16BE(HEADER + 3)]
  if (count === 0 || first + count > METER_REGISTERS) return answered(frame, Buffer.from([code | 0x80, ILLEGAL_ADDRESS]))
  const data = registers.subarray(2 * first, 2 * (first + count))
  return answered(frame, Buffer.concat([Buffer.from([code, data.length]), data]))
}

const answered = (question: Buffer, body: Buffer): Buffer => {
  const header = Buffer.from(question.subarray(0, HEADER))
  header.writeUInt16BE(body.length + 1, 4)
  return Buffer.concat([header, body])
}
