// A name is looked up once, and leads nowhere that only a literal address may mean.
import { describe, expect, it } from 'vitest'
import { tunnelSense } from '../../src/adapters/config-tunnel.ts'
import { dialTarget } from '../../src/adapters/tunnel.ts'
import { caught } from '../overlay/support.ts'

describe('a name on the list', () => {
  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
  ])('is refused where it leads to %s', async (address) => {
    const resolve = async () => ['192.0.2.1', address]
    expect(await caught(dialTarget({ host: 'meter.example', port: 1 }, resolve))).toMatchObject({ code: 'refused' })
  })

  it('is asked for once, and nobody is asked for an address', async () => {
    const asked: string[] = []
    const resolve = async (name: string) => {
      asked.push(name)
      return []
    }
    expect(await caught(dialTarget({ host: 'meter.example', port: 1 }, resolve))).toMatchObject({ code: 'unreachable' })
    expect(await caught(dialTarget({ host: '127.0.0.1', port: 1 }, resolve))).toMatchObject({ code: 'unreachable' })
    expect(asked).toEqual(['meter.example'])
  })
})

describe('the list', () => {
  const flaws = (host: string) => tunnelSense({ role: 'local-controller', tunnel: { allow: [{ host, port: 502, roles: ['csms'] }] } })
  it.each(['localhost', '10.0.0', '10.0.0.300', 'a:b'])('is none with %s', (host) => {
    expect(flaws(host)).toHaveLength(1)
  })
  it.each(['10.0.0.3', 'meter.example', '127.0.0.1', '2001:db8::1'])('may hold %s', (host) => {
    expect(flaws(host)).toEqual([])
  })
})
