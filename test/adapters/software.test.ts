import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { software } from '../../src/adapters/software.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

it('is told by the hash that the command of docs/serve.md gives, and by the version of the package', () => {
  const command = /^ *(\(find src\/base .*\| sha256sum)/m.exec(readFileSync(`${ROOT}/docs/serve.md`, 'utf8'))?.[1]
  expect(command).toBeDefined()
  const said = execFileSync('sh', ['-c', command ?? ''], { cwd: ROOT, encoding: 'utf8' })
  expect(said).toBe(`${software().sources}  -\n`)
  expect(software().version).toBe(JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')).version)
})
