// What a port answers over HTTP, made with the first question.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { HttpSide } from '../../src/adapters/http-side.ts'
import type { Management } from '../../src/adapters/management.ts'

const setUp = async (told: () => boolean = () => true) => {
  let asked = 0
  const management = {
    node: { id: 'lc', role: 'local-controller' },
    get ready() {
      asked++
      return told
    },
  } as Partial<Management> as Management
  const http = new HttpSide({ management, token: 'secret', withApi: false }, (listener) => createServer(listener))
  await new Promise<void>((resolve) => http.server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`
  return { http, url, asked: () => asked }
}

const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length

it('answers the first questions, though they come at once', async () => {
  const { http, url, asked } = await setUp()
  const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(`${url}/healthz`)))
  expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200))
  expect(await answers[0]?.json()).toEqual({ ready: true, node: 'lc', role: 'local-controller' })
  expect(asked()).toBe(5)
  expect((await fetch(`${url}/nothing`)).status).toBe(404)
  await http.close()
})

it('ends at once and leaves no timer, whether or not it was ever asked', async () => {
  for (const isAsked of [false, true]) {
    const { http, url } = await setUp()
    if (isAsked) await (await fetch(`${url}/healthz`, { headers: { connection: 'close' } })).text()
    const before = timers()
    await http.close()
    expect(timers()).toBeLessThanOrEqual(before)
    expect(http.server.listening).toBe(false)
  }
})
