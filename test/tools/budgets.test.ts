import { describe, expect, it } from 'vitest'
import { checkBudgets } from '../../tools/budgets.ts'
import { inTree } from './tree.ts'

const faultsOf = (file: string, text: string): readonly string[] => inTree({ [file]: text }, (root) => checkBudgets(root).faults)
const lines = (count: number): string => 'x()\n'.repeat(count)
const functionOf = (count: number): string => `export const long = () => {\n${lines(count - 2)}}\n`

describe('checkBudgets', () => {
  it('counts what is within every budget', () => {
    const files = {
      'src/base/a.ts': functionOf(40),
      'apps/web/b.tsx': 'export const B = ({ a }: { a: string }) => <p>{a}</p>\n',
      'test/long.test.ts': lines(900),
    }
    expect(inTree(files, checkBudgets)).toEqual({ files: 2, functions: 2, longestFile: 40, longestFunction: 40, faults: [] })
  })

  it('refuses the 301st line of a file and not the 300th', () => {
    expect(faultsOf('src/base/a.ts', lines(300))).toEqual([])
    expect(faultsOf('src/base/a.ts', lines(301))).toEqual(['src/base/a.ts: 301 lines (300)'])
  })

  it('refuses the 41st line of a function, and names it', () => {
    expect(faultsOf('src/base/a.ts', functionOf(41))).toEqual(['src/base/a.ts:1: long: 41 lines (40)'])
    expect(faultsOf('src/base/a.ts', `class A {\n  method() {\n${lines(39)}  }\n}\n`)).toEqual(['src/base/a.ts:2: method: 41 lines (40)'])
  })

  it('refuses a fifth parameter', () => {
    expect(faultsOf('src/base/a.ts', 'export function f(a = 1, b = 2, c = 3, d = 4) {}\n')).toEqual([])
    expect(faultsOf('src/base/a.ts', 'export function f(a = 1, b = 2, c = 3, d = 4, e = 5) {}\n')).toEqual([
      'src/base/a.ts:1: f: 5 parameters (4)',
    ])
  })

  it('refuses any, wherever it stands, and not the word', () => {
    expect(faultsOf('src/base/a.ts', '// any\nexport const any = "any"\n')).toEqual([])
    expect(faultsOf('src/base/a.ts', '\nexport const a = (b: unknown) => b as any\n')).toEqual(['src/base/a.ts:2: any'])
    expect(faultsOf('src/base/a.ts', 'export type A = Record<string, any>\n')).toEqual(['src/base/a.ts:1: any'])
  })

  it('names the worst first', () => {
    expect(
      faultsOf('src/base/a.ts', `${functionOf(41)}${functionOf(80).replace('long', 'longer')}`).map((fault) => fault.split(': ')[1]),
    ).toEqual(['longer', 'long'])
  })
})
