// seek-bzip asks for Node's `Buffer`, of which it uses the length, the indices and `toString('hex')`. In a browser this is all it gets.
import { hex } from '../../../src/base/bytes.ts'

class Bytes extends Uint8Array {
  override toString(): string {
    return hex(this)
  }
}

Object.assign(globalThis, { Buffer: Bytes })
