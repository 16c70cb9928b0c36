// What a person meets on a bad day at the command line: a broken file, a taken port, a folder in use, wrong words. Each time a
// clear sentence, an exit code, and nothing left running.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../support/ports.ts'
import { BIN, endAll, ROOT, run, systemNode } from '../support/process.ts'
import { csmsConfig } from '../support/site.ts'

let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'chargeproof-bad-'))
})

afterAll(() => {
  endAll()
  rmSync(dir, { recursive: true, force: true })
})

const file = (name: string, text: string): string => {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

/** Exit code and all that was said. */
const said = async (...args: string[]): Promise<{ code: number | string; out: string; err: string }> => {
  const command = run(args)
  const code = await command.ended
  return { code, out: command.out(), err: command.err() }
}

/** Occupies a port, as another program would. */
const occupy = async (port: number): Promise<() => Promise<void>> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return () => new Promise((resolve) => server.close(() => resolve()))
}

const isAnswering = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/healthz`).then(
    () => true,
    () => false,
  )

describe.concurrent('a configuration file that was half written', () => {
  const half = 'node: csms\nrole: csms\nlisten:\n  - { port: 8081, serve: [ocpp\n'
  const wrong = 'node: csms\nrole: csms\nlisten:\n  - { port: 8081, serve: [ocpp] }\ncsms:\n  heartbeatSecond: 5\n'

  it('check says where, by line', async () => {
    const broken = file('half.yaml', half)
    const senseless = file('wrong.yaml', wrong)
    const fine = file('fine.yaml', JSON.stringify(csmsConfig(8081)))
    const { code, out } = await said('check', broken, senseless, fine)
    expect(code).toBe(1)
    expect(out).toMatch(/half\.yaml:[45]: /)
    expect(out).toContain('wrong.yaml:6: csms: there is no setting called "heartbeatSecond"')
    expect(out).toContain('fine.yaml: fine, a csms called csms')
  })

  it('node refuses to start from it', async () => {
    const { code, out, err } = await said('node', file('half.yaml', half), '--data', join(dir, 'half'))
    expect(code).toBe(78)
    expect(out).toBe('')
    expect(err).toMatch(/^chargeproof: .*half\.yaml cannot be used:\n {2}.*half\.yaml:[45]: /)
  })

  it('nor without a file that it names', async () => {
    const config = { ...csmsConfig(8081), listen: [{ port: 8081, serve: ['ocpp'], profile: 2, tls: { cert: 'no.pem', key: 'no.key' } }] }
    const { code, err } = await said('node', file('tls.yaml', JSON.stringify(config)), '--data', join(dir, 'tls'))
    expect(code).toBe(78)
    expect(err).toContain('no.pem cannot be read')
  })
})

describe('a port that another program has', () => {
  it('the park says which and what to do, and leaves nothing running', async () => {
    const base = await freePorts(10)
    const release = await occupy(base + 3)
    try {
      const { code, out, err } = await said('park', '--headless', '--base-port', String(base), '--data', join(dir, 'taken'))
      expect(code).toBe(69)
      expect(out).toBe('')
      expect(err).toBe(
        `chargeproof: another program listens on 127.0.0.1:${base + 3}, which lc1 needs\nStop the other program, or choose other ports with --base-port.\n`,
      )
      expect(await Promise.all([0, 1, 2].map((offset) => isAnswering(base + offset)))).toEqual([false, false, false])
    } finally {
      await release()
    }
  })
})

describe('a data folder that another process uses', () => {
  it('is left alone: the second one says so and ends, the first one goes on', async () => {
    const port = await freePorts(2)
    const data = join(dir, 'shared')
    const first = run(['node', file('first.yaml', JSON.stringify(csmsConfig(port))), '--data', data])
    await first.ready()
    const { code, err } = await said('node', file('second.yaml', JSON.stringify(csmsConfig(port + 1))), '--data', data)
    expect(code).toBe(74)
    expect(err).toContain('another process uses it; end that one first')
    expect(await isAnswering(port)).toBe(true)
    expect(await first.stop()).toBe(0)
  })
})

describe.concurrent('what it cannot use', () => {
  const config = (port: number): string => file(`use-${port}.yaml`, JSON.stringify(csmsConfig(port)))

  it('a data folder that cannot be made', async () => {
    const { code, err } = await said('node', config(8081), '--data', join(file('a-file', ''), 'data'))
    expect(code).toBe(74)
    expect(err).toMatch(/^chargeproof: the data folder .*a-file.data cannot be used \(ENOTDIR\)\nChoose another folder/)
  })

  it('a key file that was damaged: it is named, and not replaced', async () => {
    const data = join(dir, 'damaged')
    mkdirSync(join(data, 'csms'), { recursive: true })
    const key = join(data, 'csms', 'node.key.pem')
    writeFileSync(key, '-----BEGIN PRIVATE')
    const { code, err } = await said('node', config(8082), '--data', data)
    expect(code).toBe(78)
    expect(err).toContain(`the key file ${key} cannot be used`)
    expect(readFileSync(key, 'utf8')).toBe('-----BEGIN PRIVATE')
  })

  it('an address of another machine', async () => {
    const elsewhere = { ...csmsConfig(8083), listen: [{ host: '192.0.2.1', port: 8083, serve: ['api'] }] }
    const { code, err } = await said('node', file('elsewhere.yaml', JSON.stringify(elsewhere)), '--data', join(dir, 'elsewhere'))
    expect(code).toBe(78)
    expect(err).toBe('chargeproof: 192.0.2.1:8083, which csms needs, is no address of this machine\n')
  })
})

describe.concurrent('wrong words', () => {
  it.each([
    [['brew'], "unknown command 'brew'"],
    [['park', '--base-port', 'eighty'], 'expected a port number'],
    [['park', '--colour', 'red'], "unknown option '--colour'"],
    [['node'], "missing required argument 'config'"],
    [['verify'], 'argument'],
  ])('%j: exit 64 and what there is', async (args, complaint) => {
    const { code, out, err } = await said(...args)
    expect(code).toBe(64)
    expect(out).toBe('')
    expect(err).toContain(complaint)
    expect(err).toContain('--help')
  })

  it('no words at all: the list of commands', async () => {
    const { code, out, err } = await said()
    expect(code).toBe(64)
    expect(out + err).toMatch(/Commands:[\s\S]*verify[\s\S]*park[\s\S]*demo[\s\S]*node[\s\S]*check/)
  })
})

describe.concurrent('whatever Node starts it', () => {
  const works = async (command: string, args: readonly string[]): Promise<void> => {
    const check = run([...args, 'check', 'examples/park/lc1.yaml'], { command, cwd: ROOT })
    expect(await check.ended).toBe(0)
    expect(check.out()).toBe('examples/park/lc1.yaml: fine, a local-controller called lc1\n')
    const wrong = run([...args, 'brew'], { command, cwd: ROOT })
    expect(await wrong.ended).toBe(64)
  }
  it("node bin/chargeproof, under the system's own", () => works(systemNode, [BIN]))
  it('node bin/chargeproof, under the Node of these tests', () => works(process.execPath, [BIN]))
  it('bin/chargeproof by itself', () => works(BIN, []))
})
