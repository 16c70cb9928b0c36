// The budgets of the house: files up to 300 lines, functions up to 40 lines and 4 parameters, no `any`. Counts src and apps.
// Run alone: `node tools/budgets.ts`.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export const BUDGETS = { fileLines: 300, functionLines: 40, parameters: 4 } as const

export interface BudgetReport {
  readonly files: number
  readonly functions: number
  readonly longestFile: number
  readonly longestFunction: number
  /** One sentence for each budget that is broken, the worst first. */
  readonly faults: readonly string[]
}

export const checkBudgets = (root: string): BudgetReport => {
  const files = globSync('{src,apps}/**/*.{ts,tsx}', { cwd: root, exclude: (name) => name === 'node_modules' || name === 'dist' }).sort()
  const count: Count = { functions: 0, longestFile: 0, longestFunction: 0, over: [] }
  for (const file of files) measure(count, file, readFileSync(join(root, file), 'utf8'))
  const faults = count.over.sort((a, b) => b.times - a.times).map(({ text }) => text)
  return { files: files.length, functions: count.functions, longestFile: count.longestFile, longestFunction: count.longestFunction, faults }
}

interface Count {
  functions: number
  longestFile: number
  longestFunction: number
  /** What is over its budget, and by what factor. */
  readonly over: { readonly times: number; readonly text: string }[]
}

const measure = (count: Count, file: string, text: string): void => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS)
  const lines = source.getLineStarts().length - (text.endsWith('\n') ? 1 : 0)
  count.longestFile = Math.max(count.longestFile, lines)
  if (lines > BUDGETS.fileLines)
    count.over.push({ times: lines / BUDGETS.fileLines, text: `${file}: ${lines} lines (${BUDGETS.fileLines})` })
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) count.over.push({ times: 1, text: `${file}:${lineOf(source, node.getStart())}: any` })
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) measureFunction(count, source, node)
    ts.forEachChild(node, visit)
  }
  visit(source)
}

const measureFunction = (count: Count, source: ts.SourceFile, node: ts.SignatureDeclaration): void => {
  const line = lineOf(source, node.getStart())
  const lines = lineOf(source, node.getEnd()) - line + 1
  count.functions++
  count.longestFunction = Math.max(count.longestFunction, lines)
  const where = `${source.fileName}:${line}: ${nameOf(node)}`
  if (lines > BUDGETS.functionLines)
    count.over.push({ times: lines / BUDGETS.functionLines, text: `${where}: ${lines} lines (${BUDGETS.functionLines})` })
  const parameters = node.parameters.length
  if (parameters > BUDGETS.parameters)
    count.over.push({ times: parameters / BUDGETS.parameters, text: `${where}: ${parameters} parameters (${BUDGETS.parameters})` })
}

const lineOf = (source: ts.SourceFile, position: number): number => source.getLineAndCharacterOfPosition(position).line + 1

const nameOf = (node: ts.SignatureDeclaration): string => {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name : undefined)
  return named?.getText() ?? 'a function without a name'
}

if (import.meta.main) {
  const { files, functions, longestFile, longestFunction, faults } = checkBudgets(process.cwd())
  console.log(
    faults.length === 0 ? `${files} files up to ${longestFile} lines, ${functions} functions up to ${longestFunction}` : faults.join('\n'),
  )
  process.exitCode = faults.length === 0 ? 0 : 1
}
