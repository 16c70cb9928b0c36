import { describe, expect, it } from 'vitest'
import { apiReport } from '../../tools/api-report.ts'
import { inTree } from './tree.ts'

const HOUSE = {
  'package.json': JSON.stringify({ name: 'house', exports: { './ocpp': './src/index.ts' } }),
  'tsconfig.base.json': JSON.stringify({
    compilerOptions: { target: 'ES2024', module: 'NodeNext', lib: ['ES2024'], types: [], allowImportingTsExtensions: true, noEmit: true },
  }),
  'src/index.ts': "export { read, read as parse, type Frame } from './frame.ts'\n",
  'src/frame.ts':
    'export interface Frame { readonly id: string }\n/** Reads. */\nexport const read = (text: string): Frame => ({ id: text })\nexport const hidden = 1\n',
}

describe('apiReport', () => {
  it('holds what the door gives out, and nothing else', () => {
    const report = inTree(HOUSE, apiReport)
    expect(report).toContain('## house/ocpp')
    expect(report).toContain(
      'export interface Frame {\n    readonly id: string;\n}\n// as parse\nexport const read: (text: string) => Frame;\nexport const read:',
    )
    expect(report).not.toContain('hidden')
  })

  it('changes with a signature and not with a body', () => {
    const before = inTree(HOUSE, apiReport)
    expect(inTree({ ...HOUSE, 'src/frame.ts': HOUSE['src/frame.ts'].replace('id: text', 'id: String(text)') }, apiReport)).toBe(before)
    expect(
      inTree(
        { ...HOUSE, 'src/frame.ts': HOUSE['src/frame.ts'].replace('text: string', 'text: string | number').replace('id: text', "id: ''") },
        apiReport,
      ),
    ).not.toBe(before)
  })

  it('refuses a door that is not there, or that gives out what is not there', () => {
    expect(() => inTree({ 'package.json': HOUSE['package.json'] }, apiReport)).toThrow('no such door: house/ocpp')
    expect(() => inTree({ ...HOUSE, 'src/index.ts': "export { gone } from './frame.ts'\n" }, apiReport)).toThrow('gone')
  })
})
