import { defineConfig } from 'vitest/config'

/** Whole programs: each of these files starts and stops nodes, browsers and builds of its own. */
const TRIPS = ['test/{bench,journeys,peers,web}/**/*.test.ts']

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // worker processes, not threads: some tests count the CPU time of their own process
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      // modules are loaded once per worker, which saves a third of the time: none of them holds state of its own
      { extends: true, test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: TRIPS, isolate: false } },
      { extends: true, test: { name: 'trips', include: TRIPS, globalSetup: 'test/support/chromium.ts' } },
    ],
  },
})
