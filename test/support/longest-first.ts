// The order of the test files: whole programs first, because they wait for each other's processes and leave room beside them; of each kind the longest
// first, so that no long file is left alone at the end. Vitest knows how long a file took only where it ran before, and takes its size otherwise, which
// is the wrong way round here: the longest have a few lines.
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Seconds of a file alone on two cores, where they are five or more. Which comes first is all they decide. */
const SECONDS: Readonly<Record<string, number>> = {
  'test/journeys/chaos.test.ts': 30,
  'test/journeys/failover-chaos.test.ts': 30,
  'test/web/accessible.test.ts': 30,
  'test/web/engines.test.ts': 25,
  'test/web/pages.test.ts': 25,
  'test/web/ways.test.ts': 20,
  'test/journeys/demo.test.ts': 20,
  'test/journeys/firmware-command.test.ts': 15,
  'test/journeys/cut.test.ts': 15,
  'test/web/trust-pages.test.ts': 14,
  'test/bench/bench.test.ts': 14,
  'test/journeys/fuzz.test.ts': 12,
  'test/journeys/browser.test.ts': 12,
  'test/journeys/malicious-controller.test.ts': 10,
  'test/journeys/failover.test.ts': 10,
  'test/journeys/overlay-links.test.ts': 10,
  'test/web/take.test.ts': 12,
  'test/web/languages.test.ts': 18,
  'test/journeys/library.test.ts': 9,
  'test/journeys/bad-days.test.ts': 8,
  'test/web/hostile.test.ts': 8,
  'test/transparency/growth.test.ts': 5,
  'test/journeys/half-dead.test.ts': 8,
  'test/journeys/park-process.test.ts': 8,
  'test/web/build.test.ts': 6,
  'test/transparency/vectors.test.ts': 8,
  'test/transparency/format-rules.test.ts': 6,
  'test/transparency/hostile.test.ts': 5,
  'test/tools/limits.test.ts': 5,
  'test/journeys/hundred-stations.test.ts': 5,
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const seconds = ({ moduleId }: TestSpecification): number => SECONDS[relative(this.ctx.config.root, moduleId)] ?? 0
    const isWhole = ({ project }: TestSpecification): number => Number(project.name === 'trips')
    // what is alike stays in vitest's order
    return (await super.sort(files)).toSorted((a, b) => isWhole(b) - isWhole(a) || seconds(b) - seconds(a))
  }
}
