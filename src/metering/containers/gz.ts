// gzip (RFC 1952): one file, in one or several pieces that are read as one. The size that stands at its end is not believed.
import { Gunzip } from 'fflate'
import { concatAll } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { Container, Part } from '../container.ts'
import type { Budget } from '../limits.ts'
import { Account, STEP } from './account.ts'

export const gz: Container = {
  name: 'gz',
  recognise: ({ bytes }) => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === DEFLATE,
  open: ({ bytes }, budget) => [oneMember(() => unpack(bytes, budget))],
}

/** The only method there is, RFC 1952 §2.3.1. */
const DEFLATE = 8

/** The one file of an archive that holds one, or why it cannot be had. */
export const oneMember = (unpacked: () => Uint8Array): Part => {
  try {
    return { kind: 'member', name: undefined, bytes: unpacked() }
  } catch (thrown) {
    const fault = asFault(thrown, 'record-malformed')
    const told = thrown instanceof Fault ? fault : new Fault('record-malformed', `cannot be unpacked: ${fault.message}`, {}, thrown)
    return { kind: 'missing', name: undefined, fault: told }
  }
}

const unpack = (bytes: Uint8Array, budget: Budget): Uint8Array => {
  const account = new Account(bytes, budget)
  const chunks: Uint8Array[] = []
  let size = 0
  const gunzip = new Gunzip((chunk) => {
    size += chunk.length
    account.bytes(chunk.length, size)
    chunks.push(chunk)
  })
  for (let at = 0; at < bytes.length; at += STEP) {
    budget.checkTime()
    gunzip.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length)
  }
  return concatAll(chunks)
}
