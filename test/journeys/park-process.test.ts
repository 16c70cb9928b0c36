// The park as people start and end it: it stops within five seconds however it is told to, and what happened is there when it
// starts again on the same data.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { apiAt } from '../support/api.ts'
import { freePorts } from '../support/ports.ts'
import { BIN, endAll, type Running, run, systemNode } from '../support/process.ts'
import { csmsConfig, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

let data: string
let port: number

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'chargeproof-park-'))
  port = await freePorts(10)
})

afterAll(() => {
  endAll()
  rmSync(data, { recursive: true, force: true })
})

const options = (): string[] => ['--headless', '--base-port', String(port), '--data', data, '--token', TOKEN]

const isSilent = async (): Promise<boolean> => {
  const asked = [0, 1, 2, 3, 4, 5].map((offset) => fetch(`http://127.0.0.1:${port + offset}/healthz`))
  return (await Promise.allSettled(asked)).every(({ status }) => status === 'rejected')
}

/** Tells it to stop; the exit code, once every port is silent. */
const stopped = async (park: Running, signal: NodeJS.Signals): Promise<number | string> => {
  const began = performance.now()
  const code = await park.stop(signal)
  await until(isSilent, 'every port to be silent', 5_000)
  expect(performance.now() - began).toBeLessThan(5_000)
  return code
}

it('stops on SIGTERM, on Ctrl-C and through npm, and each time goes on where it was', async () => {
  const api = apiAt(port, TOKEN)
  const ids = async (): Promise<unknown[]> => (await api.list('/transactions')).map(({ id }) => id)

  const first = run([BIN, 'park', ...options()], { command: systemNode })
  await first.ready()
  expect(first.out()).toBe(`ready http://127.0.0.1:${port}/\n`)
  expect((await api.post('/park/car-arrives', {})).body).toMatchObject({ ok: true })
  await until(async () => (await ids()).length === 1, 'a transaction')
  const history = await ids()
  expect(await stopped(first, 'SIGTERM')).toBe(0)

  const second = run(['park', ...options()], { group: true })
  await second.ready()
  expect(await ids()).toEqual(history)
  // the station was switched off while it charged: it ends the session, signed, when it is back (OCPP 1.6 §6.49 PowerLoss)
  await until(async () => (await api.list('/transactions'))[0]?.state === 'ended', 'the session to end')
  expect(await api.list('/transactions')).toMatchObject([{ signed: true }])
  expect(await stopped(second, 'SIGINT')).toBe(0)

  const third = run(['start', '--', ...options()], { command: 'npm' })
  await third.ready()
  expect(await api.list('/transactions')).toMatchObject([{ id: history[0], state: 'ended' }])
  const journal = await api.list('/journal?after=0')
  await stopped(third, 'SIGTERM')

  const fourth = run(['start', '--', ...options()], { command: 'npm', group: true })
  await fourth.ready()
  expect((await api.list('/journal?after=0')).slice(0, journal.length)).toEqual(journal)
  await stopped(fourth, 'SIGINT')
}, 60_000)

it('a node that is told to stop in the moment in which it is ready stops in order', async () => {
  const file = join(data, 'early.yaml')
  writeFileSync(file, JSON.stringify(csmsConfig(port)))
  const node = spawn(process.execPath, [BIN, 'node', file, '--data', join(data, 'early'), '--token', TOKEN])
  const ended = once(node, 'close')
  node.stdout.once('data', () => node.kill('SIGTERM'))
  // a signal that nobody listens for would end it with that signal's name, and no store closed
  expect(await ended).toEqual([0, null])
}, 30_000)
