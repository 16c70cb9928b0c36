// One port of a node: which names it answers to.
import { get } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { csmsConfig, openSite, type Site, TOKEN } from '../support/site.ts'

let site: Site
afterEach(() => site.close())

const statusOf = (port: number, host: string, path = '/api/v1/nodes'): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { host, authorization: `Bearer ${TOKEN}` }
    get({ port, path, headers }, (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject)
  })

describe('hosts of a port', () => {
  it('are asked by the names in its entry, besides loopback, and by no other', async () => {
    site = await openSite(1)
    const config = csmsConfig(site.port)
    const listen = (config.listen ?? []).map((entry) => ({ ...entry, hosts: ['csms.depot.example', '10.0.0.5', '[fd00::5]'] }))
    await site.start({ ...config, listen })
    const names = ['127.0.0.1', 'csms.depot.example:8080', 'CSMS.depot.example', '10.0.0.5', '[fd00::5]:8080']
    expect(await Promise.all(names.map((name) => statusOf(site.port, name)))).toEqual(names.map(() => 200))
    const others = ['evil.example', 'depot.example', 'csms.depot.example.evil.example', '10.0.0.50']
    expect(await Promise.all(others.map((name) => statusOf(site.port, name)))).toEqual(others.map(() => 421))
    expect(await statusOf(site.port, 'evil.example', '/metrics')).toBe(421)
  })

  it('are loopback where none is given', async () => {
    site = await openSite(1)
    await site.start(csmsConfig(site.port))
    expect([await statusOf(site.port, 'localhost'), await statusOf(site.port, 'csms.depot.example')]).toEqual([200, 421])
  })
})
