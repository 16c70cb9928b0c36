// How far a roll-out is, in a line, a bar and a list.
import type { RollOutDetail, RollOutView } from '../../src/adapters/http/firmware-views.ts'
import type { Io } from './ask.ts'

const WIDTH = 30
/** Words for what is counted, in the order in which they are told. */
const TOLD = [
  ['installed', ['installed']],
  ['under way', ['ordering', 'ordered']],
  ['of unknown fate', ['unknown']],
  ['failed', ['failed']],
  ['skipped', ['skipped']],
  ['withdrawn', ['withdrawn']],
  ['waiting', ['waiting']],
] as const

export const rollOutLine = ({ id, release, state, reason, stage, stages, counts }: RollOutView): string => {
  const told = TOLD.map(([word, states]) => [word, sum(counts, states)] as const).filter(([, count]) => count > 0)
  const why = reason === undefined ? '' : ` (${reason})`
  return `${id}: ${release} ${state}${why}, stage ${stage} of ${stages}: ${told.map(([word, count]) => `${count} ${word}`).join(', ')}`
}

export const stationLines = ({ stations }: RollOutDetail): string[] =>
  stations.map(({ station, state, status, reason }) => `  ${station}: ${state}${status ? `, ${status}` : ''}${reason ? `: ${reason}` : ''}`)

/** Nothing will change by itself. */
export const isSettled = ({ state, counts }: RollOutView): boolean =>
  !['planned', 'running'].includes(state) && sum(counts, ['ordering', 'ordered', 'unknown']) === 0

/** Draws a bar where people look; elsewhere a line for each change. */
export const watcher = ({ out, error, progress }: Pick<Io, 'out' | 'error' | 'progress'>): ((view: RollOutView) => void) => {
  let last = ''
  return (view) => {
    const line = rollOutLine(view)
    if (line === last) return
    last = line
    if (progress !== true) return out(`${line}\n`)
    const all = sum(view.counts, Object.keys(view.counts))
    const over = sum(view.counts, ['installed', 'failed', 'skipped', 'withdrawn'])
    const filled = all === 0 ? 0 : Math.floor((WIDTH * over) / all)
    // ECMA-48 §8.3.41, EL: erases to the end of the line
    error(`\r[${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${line}\u001b[K${isSettled(view) ? '\n' : ''}`)
  }
}

const sum = (counts: RollOutView['counts'], states: readonly string[]): number =>
  states.reduce((all, state) => all + (counts[state] ?? 0), 0)
