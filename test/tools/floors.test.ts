import { describe, expect, it } from 'vitest'
import { checkFloors } from '../../tools/floors.ts'
import { inTree } from './tree.ts'

const MANIFEST = JSON.stringify({
  name: 'house',
  exports: { './overlay': './src/overlay/index.ts' },
  dependencies: { ws: '8', ajv: '8', 'ajv-formats': '3' },
  devDependencies: { vitest: '5' },
})

/** A house in which every import is allowed. */
const SOUND = {
  'package.json': MANIFEST,
  'src/base/bytes.ts': 'export const utf8 = 1',
  'src/ocpp/frame.ts': "import { utf8 } from '../base/bytes.ts'\nimport Ajv from 'ajv'\nexport const frame = [utf8, Ajv]",
  'src/overlay/index.ts': "export { frame } from '../ocpp/frame.ts'",
  'src/adapters/socket.ts':
    "import { readFile } from 'node:fs/promises'\nimport { WebSocket } from 'ws'\nexport const socket = [readFile, WebSocket]",
  'apps/park/park.ts':
    "import { socket } from '../../src/adapters/socket.ts'\nimport { frame } from 'house/overlay'\nexport const park = [socket, frame]",
  'apps/cli/main.ts': "const { park } = await import('../park/park.ts')\npark",
  'test/cli.test.ts': "import { it } from 'vitest'\nimport '../apps/cli/main.ts'\nit('x', () => {})",
}

const faultsWith = (files: Readonly<Record<string, string>>): readonly string[] =>
  inTree({ ...SOUND, ...files }, (root) => checkFloors(root).faults)

describe('checkFloors', () => {
  it('lets a sound house pass and counts it', () => {
    expect(inTree(SOUND, (root) => checkFloors(root))).toEqual({ files: 7, imports: 10, faults: [] })
  })

  const cases: readonly [string, Readonly<Record<string, string>>, string][] = [
    [
      'up',
      { 'src/base/up.ts': "import '../ocpp/frame.ts'" },
      'src/base/up.ts: imports src/ocpp/frame.ts, which is up on floor 1 (own floor: 0)',
    ],
    ['up by a type', { 'src/base/up.ts': "import type { frame } from '../ocpp/frame.ts'" }, 'up on floor 1'],
    ['up by a re-export', { 'src/base/up.ts': "export * from '../ocpp/frame.ts'" }, 'up on floor 1'],
    ['up by a dynamic import', { 'src/base/up.ts': "export const load = () => import('../ocpp/frame.ts')" }, 'up on floor 1'],
    ['up by a type query', { 'src/base/up.ts': "export type Frame = import('../ocpp/frame.ts').frame" }, 'up on floor 1'],
    ['up through a public door', { 'src/base/up.ts': "import 'house/overlay'" }, 'imports src/overlay/index.ts, which is up on floor 3'],
    ['sideways', { 'src/crypto/side.ts': "import '../ocpp/frame.ts'" }, 'imports src/ocpp/frame.ts, which is beside it on floor 1'],
    ['from app to app', { 'apps/web/side.ts': "import '../park/park.ts'" }, 'imports apps/park/park.ts, which is beside it on floor 6'],
    ['up to the command line', { 'apps/web/up.ts': "import '../cli/main.ts'" }, 'imports apps/cli/main.ts, which is up on floor 7'],
    ['of a test', { 'src/base/up.ts': "import '../../test/cli.test.ts'" }, 'which is up on floor 9'],
    [
      'of a file that is not there',
      { 'src/base/gone.ts': "import './missing.ts'" },
      'src/base/gone.ts: imports src/base/missing.ts, which is not there',
    ],
    ['of a package the floor may not use', { 'src/ocpp/socket.ts': "import 'ws'" }, 'imports ws, which src/ocpp may not use'],
    [
      'of a package that is not declared',
      { 'src/adapters/pino.ts': "import 'pino'" },
      'imports pino, which is not in package.json under dependencies',
    ],
    [
      'of a development package',
      { 'src/adapters/vitest.ts': "import 'vitest/config'" },
      'imports vitest, which is not in package.json under dependencies',
    ],
    [
      'of an undeclared package in a test',
      { 'test/a.test.ts': "import '@fastify/static'" },
      'imports @fastify/static, which is not in package.json',
    ],
    ['of node: on a pure floor', { 'src/roles/file.ts': "import 'node:fs'" }, 'src/roles/file.ts: imports node:fs; floor 4 knows no Node'],
    ['of a Node module without its prefix', { 'src/roles/file.ts': "import 'fs'" }, 'imports fs, which is not in package.json'],
  ]
  it.each(cases)('refuses an import %s', (_name, files, fault) => {
    const faults = faultsWith(files)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(fault)
  })

  it('refuses a circle, also one of types only', () => {
    const circle = {
      'src/base/a.ts': "import type { B } from './b.ts'\nexport type A = B",
      'src/base/b.ts': "import { c } from './c.ts'\nexport type B = typeof c",
      'src/base/c.ts': "import type { A } from './a.ts'\nexport const c: A | 1 = 1",
    }
    expect(faultsWith(circle)).toEqual([
      'src/base/a.ts: imports itself in a circle: src/base/a.ts -> src/base/b.ts -> src/base/c.ts -> src/base/a.ts',
    ])
  })

  it('refuses a file on no floor', () => {
    expect(faultsWith({ 'src/helpers.ts': '' })).toEqual(['src/helpers.ts: stands on no floor; name its folder in tools/floors.ts'])
    expect(faultsWith({ 'src/utils/a.ts': '' })).toEqual(['src/utils/a.ts: stands on no floor; name its folder in tools/floors.ts'])
  })

  it('lets files of one folder import each other, but not another app under the same star', () => {
    expect(faultsWith({ 'apps/web/shell/page.ts': "import '../i18n.ts'", 'apps/web/i18n.ts': '' })).toEqual([])
  })
})
