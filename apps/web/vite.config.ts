// Two pages, one build, everything bundled: what the server hands out is all that the pages ever need.
// src/adapters/web-assets.ts runs this; by hand: `npx vite build apps/web`.
import { defineConfig } from 'vite'
import { software } from '../../src/adapters/software.ts'
import { buildList } from './build-list.ts'

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
    rolldownOptions: {
      input: { index: 'index.html', verify: 'verify.html', sw: 'offline/sw.ts' },
      // CommonJS, which is kept whole wherever it is named: the pages ask the formats for words alone, and only the worker reads XML and bzip2
      treeshake: { moduleSideEffects: [{ test: /node_modules\/(saxes|xmlchars|seek-bzip)\//, sideEffects: false }] },
      // a service worker keeps its address for good
      output: {
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        // by their names the service worker knows the languages (build-list.ts)
        chunkFileNames: ({ facadeModuleId }) => `assets/${facadeModuleId?.includes('/texts/') ? 'text-' : ''}[name]-[hash].js`,
      },
    },
  },
  define: { __SOFTWARE__: JSON.stringify(software()) },
  plugins: [buildList()],
  worker: { format: 'es' },
})
