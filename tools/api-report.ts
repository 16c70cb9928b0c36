// The public interface as text: every name that a public door (package.json "exports") gives out, with its declaration as the
// compiler emits it. docs/api.md holds the accepted text; a change of the interface is a change of that file in the same commit.
// `node tools/api-report.ts` compares, `node tools/api-report.ts --accept` writes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** Declarations of all doors as Markdown. Throws when a door is missing or does not compile. */
export const apiReport = (root: string): string => {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string
    exports: Record<string, string | Record<string, string>>
  }
  const doors = Object.entries(exports).map(([door, path]) => ({ name: `${name}${door.slice(1)}`, path: join(root, sourceOf(path)) }))
  const missing = doors.filter(({ path }) => !existsSync(path))
  if (missing.length > 0) throw new Error(`no such door: ${missing.map((door) => door.name).join(', ')}`)
  const program = ts.createProgram([...doors.map(({ path }) => path), ...universal(root)], options(root))
  const declarations = emitted(program)
  const sections = doors.map(({ name, path }) => `## ${name}\n\n\`\`\`ts\n${exportsOf(program, path, declarations).join('\n')}\n\`\`\`\n`)
  return `# The public interface\n\nMade by \`node tools/api-report.ts --accept\`; \`npm run check\` fails when it is out of date.\n\n${sections.join('\n')}`
}

/** A door that is built for its users names its source by a condition of ours. */
const sourceOf = (path: string | Record<string, string>): string => (typeof path === 'string' ? path : (path['chargeproof-source'] ?? ''))

const universal = (root: string): string[] => [join(root, 'types/universal.d.ts')].filter((path) => existsSync(path))

const options = (root: string): ts.CompilerOptions => {
  const base = join(root, 'tsconfig.base.json')
  const { compilerOptions = {} } = existsSync(base) ? ts.readConfigFile(base, (path) => readFileSync(path, 'utf8')).config : {}
  const { options, errors } = ts.convertCompilerOptionsFromJson(compilerOptions, root)
  if (errors.length > 0) throw new Error(messageOf(errors[0]))
  return { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, removeComments: true }
}

const messageOf = (diagnostic: ts.Diagnostic | undefined): string => ts.flattenDiagnosticMessageText(diagnostic?.messageText ?? '', '\n')

/** Source file name -> the declarations the compiler emits for it, parsed. */
const emitted = (program: ts.Program): Map<string, ts.SourceFile> => {
  const files = new Map<string, ts.SourceFile>()
  const { diagnostics } = program.emit(
    undefined,
    (name, text, _mark, _error, sources) => {
      for (const source of sources ?? []) files.set(source.fileName, ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true))
    },
    undefined,
    true,
  )
  const first = diagnostics.find(({ category }) => category === ts.DiagnosticCategory.Error)
  if (first !== undefined) throw new Error(messageOf(first))
  return files
}

const exportsOf = (program: ts.Program, door: string, declarations: ReadonlyMap<string, ts.SourceFile>): string[] => {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(door)
  const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  if (symbol === undefined) throw new Error(`${door} exports nothing`)
  const names = checker.getExportsOfModule(symbol).sort((a, b) => (a.name < b.name ? -1 : 1))
  return names.flatMap((given) => {
    const origin = given.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given
    const files = new Set((origin.declarations ?? []).map((declaration) => declaration.getSourceFile().fileName))
    if (files.size === 0) throw new Error(`${door} exports ${given.name}, which is not there`)
    const texts = [...files].flatMap((file) => statementsOf(declarations.get(file), origin.name))
    const found = texts.length > 0 ? texts : [`export { ${origin.name} } from a package`]
    return given.name === origin.name ? found : [`// as ${given.name}`, ...found]
  })
}

/** The statements of a declaration file that declare a name; a type and a constant may share one. */
const statementsOf = (file: ts.SourceFile | undefined, name: string): string[] =>
  (file?.statements ?? [])
    .filter((statement) => namesOf(statement).includes(name))
    .map((statement) => statement.getText().replace(/\bdeclare /, ''))

const namesOf = (statement: ts.Statement): string[] => {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText())
  if (
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement)
  ) {
    return statement.name === undefined ? ['default'] : [statement.name.text]
  }
  return []
}

const main = (path: string, accept: boolean): boolean => {
  const report = apiReport(process.cwd())
  if (accept) writeFileSync(path, report)
  const same = existsSync(path) && readFileSync(path, 'utf8') === report
  console.log(
    same
      ? `${report.match(/^export /gm)?.length ?? 0} names`
      : `${path} is not what the doors give out; if that is meant: node tools/api-report.ts --accept`,
  )
  return same
}

if (import.meta.main) {
  try {
    process.exitCode = main('docs/api.md', process.argv.includes('--accept')) ? 0 : 1
  } catch (thrown) {
    console.log(thrown instanceof Error ? thrown.message : String(thrown))
    process.exitCode = 1
  }
}
