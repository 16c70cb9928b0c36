// CPU time of work done in this process, user and system, garbage collection and compilation included.
import type { Plan } from './part.ts'
import { Settling } from './settling.ts'

type Work = () => unknown

/**
 * CPU microseconds per run of each work, the least of all windows: whatever disturbs a window makes it slower, nothing makes it faster.
 * The works take turns, so that what slows the machine down for a while slows all of them, until all have settled.
 * @param early gets the same of the first turns, as many as the plan has
 */
export const cpuOf = async <Name extends string>(
  works: Readonly<Record<Name, Work>>,
  plan: Plan,
  early: Partial<Record<Name, number>> = {},
): Promise<Record<Name, number>> => {
  const names = Object.keys(works) as Name[]
  const turn = async (): Promise<Record<Name, number>> => {
    const each: Partial<Record<Name, number>> = {}
    for (const name of names) each[name] = await window(works[name], plan.cpuMs * 1_000)
    return each as Record<Name, number>
  }
  // the first turn warms up
  await turn()
  const settling = new Settling<Name>(plan.rounds)
  while (settling.goesOn) {
    settling.turned(await turn())
    if (settling.isEarly) Object.assign(early, settling.least)
  }
  return settling.least as Record<Name, number>
}

/** Runs for at least `budget` CPU microseconds. */
const window = async (work: Work, budget: number): Promise<number> => {
  const start = process.cpuUsage()
  let runs = 0
  let used = 0
  for (let batch = 1; used < budget; ) {
    for (let i = 0; i < batch; i++) {
      const outcome = work()
      if (outcome instanceof Promise) await outcome
    }
    runs += batch
    used = sum(process.cpuUsage(start))
    // careful at first; once the cost is known, what is left in one go
    batch = used < budget / 4 ? 2 * batch : Math.max(1, Math.ceil(((budget - used) / used) * runs))
  }
  return used / runs
}

const sum = ({ user, system }: NodeJS.CpuUsage): number => user + system
