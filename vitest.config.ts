import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // two cores: threads start faster than forks, and every test owns its ports and folders
    pool: 'threads',
  },
})
