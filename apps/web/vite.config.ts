// Two pages, one build, everything bundled: what the server hands out is all that the pages ever need.
// src/adapters/web-assets.ts runs this; by hand: `npx vite build apps/web`.
import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    // light-dark() carries the two colour schemes, and must reach the browser as it is written
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // no inline script or data: module, whatever its size: the pages forbid them
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'verify.html'] },
  },
  worker: { format: 'es' },
})
