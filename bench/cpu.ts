// CPU time of work done in this process, user and system, garbage collection and compilation included.
import type { Plan } from './part.ts'

type Work = () => unknown

/**
 * CPU microseconds per run of each work, the least of all windows: whatever disturbs a window makes it slower, nothing makes it faster.
 * The works take turns, so that what slows the machine down for a while slows all of them. They go on as long as one of them still gets
 * quicker, because V8 compiles for seconds, and the time of its compiler would be counted for whoever has the most code.
 * @param seen gets each work's least of the first `plan.rounds` turns, which is before that
 */
export const cpuOf = async <Name extends string>(
  works: Readonly<Record<Name, Work>>,
  plan: Plan,
  seen: Partial<Record<Name, number>> = {},
): Promise<Record<Name, number>> => {
  const names = Object.keys(works) as Name[]
  const least = Object.fromEntries(names.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<Name, number>
  let still = 0
  // the first turn warms up
  for (let round = 0; round <= plan.rounds + still && round <= MOST_TURNS * plan.rounds; round++) {
    for (const name of names) {
      const each = await window(works[name], plan.cpuMs * 1_000)
      if (round === 0) continue
      if (each < QUICKER * least[name]) still = Math.max(still, round)
      least[name] = Math.min(least[name], each)
    }
    if (round === plan.rounds) Object.assign(seen, least)
  }
  return least
}

/** Less than this much of the least so far is still getting quicker; what the machine's noise does is not. */
const QUICKER = 0.97
/** Times the turns of the plan, whatever still gets quicker. */
const MOST_TURNS = 8

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
