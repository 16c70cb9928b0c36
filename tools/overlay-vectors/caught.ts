// What a reader does with a bad text, as data.
import { asFault, type FaultCode } from '../../src/base/fault.ts'

/** The code of the Fault that `run` throws. A text that is not refused has no place among the refused ones. */
export const caught = (run: () => unknown): FaultCode => {
  try {
    run()
  } catch (thrown) {
    return asFault(thrown).code
  }
  throw new Error('expected a fault, but nothing was refused')
}

/** The same of what comes later. */
export const caughtLater = async (running: Promise<unknown>): Promise<FaultCode> => {
  const [outcome] = await Promise.allSettled([running])
  return caught(() => {
    if (outcome.status === 'rejected') throw outcome.reason
  })
}
