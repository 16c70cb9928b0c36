// So many at a time, and the others in the order they came. It knows nothing of what they do.
import { Fault } from '../base/fault.ts'

/**
 * Runs each work once fewer than `most` are under way; what it gives or throws is passed on.
 * @param patienceMs whose turn does not come within that is refused with Fault `queue-full`; without it everybody waits
 */
export const atATime = (most: number, patienceMs?: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  const waiting = new Set<() => void>()
  let running = 0
  const turn = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveUp = (): void => {
        waiting.delete(go)
        reject(new Fault('queue-full', `${most} are under way, and none of them ended within ${patienceMs} ms`))
      }
      const patience = patienceMs === undefined ? undefined : setTimeout(giveUp, patienceMs)
      const go = (): void => {
        clearTimeout(patience)
        resolve()
      }
      waiting.add(go)
    })
  return async (work) => {
    // whoever ends hands its place on, so that nobody who comes between takes it
    if (running >= most) await turn()
    else running++
    try {
      return await work()
    } finally {
      const [next] = waiting
      if (next === undefined) running--
      else {
        waiting.delete(next)
        next()
      }
    }
  }
}
