import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'

/** Whole programs: each of these files starts and stops nodes, browsers and builds of its own. */
const TRIPS = ['test/{bench,journeys,peers,web}/**/*.test.ts']
/** What they hold a watch to is what a person waits for who has nothing else running. */
const SPEED = ['test/web/speed.test.ts']

// every program that a test starts takes its compiled sources from where bin/chargeproof keeps them
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/chargeproof', import.meta.url))

export default defineConfig({
  test: {
    // for a test that hangs; how quick something is, the tests that ask say themselves
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // worker processes, not threads: some tests count the CPU time of their own process
    pool: 'forks',
    // one more than the two processors of the CI: whole programs wait for processes and pages most of their time
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      // modules are loaded once per worker, which saves a third of the time: none of them holds state of its own
      { extends: true, test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: TRIPS, isolate: false } },
      {
        extends: true,
        test: { name: 'trips', include: TRIPS, exclude: SPEED, isolate: false, globalSetup: 'test/support/built-pages.ts' },
      },
      { extends: true, test: { name: 'speed', include: SPEED, globalSetup: 'test/support/built-pages.ts', sequence: { groupOrder: 1 } } },
    ],
  },
})
