// Builds what `chargeproof/transparency` is for those who install the package: Node strips no types below node_modules. dist/library gets
// node.js (packages stay outside), browser.js (everything inside, rare containers as chunks of their own) and the declarations.
// Runs before packing; by hand: `node tools/library.ts [folder]`.
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'
import { build, type InlineConfig } from 'vite'

const ROOT = join(import.meta.dirname, '..')

/** @param folder is emptied first */
export const buildLibrary = async (folder: string): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  const shared = { root: ROOT, configFile: false, logLevel: 'error', publicDir: false } as const satisfies InlineConfig
  const output = { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }
  await build({
    ...shared,
    build: { ssr: true, outDir: folder, emptyOutDir: false, target: 'node24', rolldownOptions: { input: entry('node'), output } },
  })
  await build({
    ...shared,
    base: './',
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: {
        input: entry('browser'),
        preserveEntrySignatures: 'strict',
        output: { ...output, assetFileNames: '[name]-[hash][extname]' },
      },
    },
  })
  declare(join(folder, 'types'))
}

const entry = (name: 'node' | 'browser'): Record<string, string> => ({ [name]: join(ROOT, `apps/library/${name}.ts`) })

const declare = (outDir: string): void => {
  const { compilerOptions } = ts.readConfigFile(join(ROOT, 'tsconfig.base.json'), ts.sys.readFile).config
  const { options } = ts.convertCompilerOptionsFromJson({ ...compilerOptions, types: ['node'] }, ROOT)
  const files = ['node', 'browser'].map((name) => join(ROOT, `apps/library/${name}.ts`))
  const emit = { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: ROOT, outDir }
  const { diagnostics } = ts.createProgram([...files, join(ROOT, 'types/packages.d.ts')], { ...options, ...emit }).emit()
  const [first] = diagnostics
  if (first !== undefined) throw new Error(ts.flattenDiagnosticMessageText(first.messageText, '\n'))
}

if (import.meta.main) await buildLibrary(resolve(process.argv[2] ?? join(ROOT, 'dist/library')))
