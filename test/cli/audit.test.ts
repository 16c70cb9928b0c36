// `chargeproof audit` as people start it: exit codes, sentences, the places and times it is asked for; and an export as it is fetched.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exported } from '../../apps/cli/audit.ts'
import { exportPkcs8Pem, generateNodeSigner } from '../../src/adapters/node-crypto.ts'
import { openerOfPem } from '../../src/adapters/reading-keys.ts'
import { thumbprint, toPem } from '../../src/crypto/key.ts'
import { heldHead } from '../../src/overlay/journal-heads.ts'
import { Secrecy } from '../../src/overlay/secrecy.ts'
import { engine, settle } from '../overlay/support.ts'
import { signedPark } from '../roles/park.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { run } from '../support/process.ts'

let folder = ''
const at = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chargeproof-audit-'))
  const park = await signedPark({ version: 'ocpp1.6' })
  mkdirSync(at('keys'))
  for (const id of ['csms', 'gateway', 'lc', 'grid-operator']) {
    const { publicKey } = park.keys.identity(id).signer
    park.keys.trust.add({ node: id, role: id, publicKey })
    writeFileSync(at(`keys/${id}.pem`), toPem(publicKey))
  }
  await park.order()
  await park.clock.advance(120_000)
  // what a neighbour holds is what was signed; the export ends there
  const lc = await park.lc.witness.held()
  await park.clock.advance(120_000)
  const held = park.gateway.witness.book.of('lc').map((signed) => heldHead(signed, park.keys.identity('gateway')))
  const text = [...park.lc.journal.read(0, 999), ...lc.slice(0, 1)].map((each) => JSON.stringify(each)).join('\n')
  writeFileSync(at('lc.jsonl'), text)
  writeFileSync(at('altered.jsonl'), text.replace('SetLimit for cs', 'SetLimit for cz'))
  writeFileSync(at('gateway.json'), JSON.stringify(held))
  park.lc.stop()
})
afterAll(() => rmSync(folder, { recursive: true }))

const audited = async (...args: string[]) => {
  const running = run(['audit', ...args, '--trust', at('keys')])
  return { code: await running.ended, out: running.out(), err: running.err() }
}

describe('chargeproof audit', () => {
  it('says who limited the station, and ends with 0 where all is sound', async () => {
    const { code, out } = await audited(at('lc.jsonl'), at('gateway.json'), '--evse', 'cs')
    expect(out).toMatch(/^SOUND {2}/)
    expect(out).toContain('cs (whole station)  SetLimit  accepted, obeyed, as answered')
    expect(out).toContain('by grid-operator (grid-operator), verified; rule grid-limit; decided by lc #')
    expect(code).toBe(0)
  })

  it('ends with 1 and names it where something was altered, in German too', async () => {
    const [shown, json] = await Promise.all([
      audited(at('altered.jsonl'), at('gateway.json'), '--lang', 'de'),
      audited(at('altered.jsonl'), at('gateway.json'), '--json', '--evse', 'elsewhere/1'),
    ])
    expect([shown.code, json.code]).toEqual([1, 1])
    expect(shown.out).toContain('Ein Eintrag wurde verändert oder vertauscht. [entry-altered: ')
    expect(JSON.parse(json.out)).toMatchObject({ verdict: 'tampered', orders: [] })
  })

  it('ends with 2 where something is unproven or cannot be read', async () => {
    const [alone, missing] = await Promise.all([audited(at('lc.jsonl')), audited(at('lc.jsonl'), at('gateway.json'), at('nowhere'))])
    expect([alone.code, missing.code]).toEqual([2, 2])
    expect(alone.out).toContain('[unwitnessed: ')
    expect(missing.out).toContain('nowhere: it cannot be read')
  })

  it('ends with 64 where it was used wrongly', async () => {
    writeFileSync(at('bad.pem'), 'no key')
    const calls = [
      ['audit'],
      ['audit', 'x'],
      ['audit', 'x', '--trust', at('nowhere')],
      ['audit', 'x', '--trust', folder],
      ['audit', 'x', '--evse', 'a/b'],
      ['audit', 'export', '127.0.0.1:8080'],
    ]
    expect(await Promise.all(calls.map((args) => run(args).ended))).toEqual(calls.map(() => 64))
  })
})

describe('chargeproof audit --reading-keys', () => {
  const reader = generateNodeSigner('p-256')
  const opener = openerOfPem(exportPkcs8Pem(reader))
  const kid = thumbprint(reader.publicKey, engine)
  const sealed = async (limit: number) => {
    const park = await signedPark({
      version: 'ocpp2.1',
      secrecy: (keys) => {
        keys.trust.add({ node: 'cs', role: 'station', publicKey: reader.publicKey, purposes: ['encryption'] })
        const parts = { trust: keys.trust, engine, random: fixedRandom(limit) }
        return {
          cs: new Secrecy({}, { ...parts, openers: new Map([[kid, opener]]) }),
          'grid-operator': new Secrecy({ encrypt: [{ actions: ['SetLimit'], to: ['cs'] }] }, parts),
        }
      },
    })
    await park.order(undefined, { limit })
    await settle()
    mkdirSync(at('cs-keys'), { recursive: true })
    for (const id of ['cs', 'grid-operator']) writeFileSync(at(`cs-keys/${id}.pem`), toPem(park.keys.identity(id).signer.publicKey))
    writeFileSync(
      at('cs.jsonl'),
      park.cs.journal
        .read(0, 999)
        .map((row) => JSON.stringify(row))
        .join('\n'),
    )
    park.lc.stop()
  }
  const asked = async (...args: string[]) => {
    const running = run(['audit', at('cs.jsonl'), '--trust', at('cs-keys'), '--json', ...args])
    const code = await running.ended
    return { code, err: running.err(), read: code === 64 ? [] : JSON.parse(running.out()).orders.map(({ read }: { read: string }) => read) }
  }

  it('opens the order with the key of its reader, and with no other; a folder without keys, or with one that is none, is wrong usage', async () => {
    await sealed(5_432)
    const folders = { right: exportPkcs8Pem(reader), other: exportPkcs8Pem(generateNodeSigner('p-256')), broken: 'no key' }
    for (const [name, text] of Object.entries(folders)) {
      mkdirSync(at(name))
      writeFileSync(at(`${name}/encryption.key.pem`), text)
    }
    mkdirSync(at('empty'))
    const [without, right, other, broken, empty] = await Promise.all([
      asked(),
      ...['right', 'other', 'broken', 'empty'].map((name) => asked('--reading-keys', at(name))),
    ])
    expect([without?.read, right?.read, other?.read]).toEqual([['claimed'], ['opened'], ['claimed']])
    expect([broken?.code, empty?.code]).toEqual([64, 64])
    expect(broken?.err).toContain(`the key file ${at('broken/encryption.key.pem')} cannot be used`)
    expect(empty?.err).toContain(`there is no *.key.pem in ${at('empty')}`)
  })
})

describe('an export', () => {
  it('is every page and then the heads as they were before, with the token', async () => {
    const rows = Array.from({ length: 1_500 }, (_, i) => ({ seq: i + 1 }))
    const asked: string[] = []
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://x')
      asked.push(`${request.headers.authorization} ${url.pathname}${url.search}`)
      const after = Number(url.searchParams.get('after'))
      response.end(JSON.stringify(url.pathname.endsWith('/heads') ? [{ head: 1 }] : rows.slice(after, after + 1_000)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect(await exported(new URL(`http://127.0.0.1:${port}`), 't')).toEqual([...rows, { head: 1 }])
    expect(asked).toEqual([
      'Bearer t /api/v1/journal/heads',
      'Bearer t /api/v1/journal?after=0&limit=1000',
      'Bearer t /api/v1/journal?after=1000&limit=1000',
    ])
    await new Promise((resolve) => server.close(resolve))
  })
})
