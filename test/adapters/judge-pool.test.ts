import { afterEach, describe, expect, it } from 'vitest'
import { JudgePool, type JudgePoolOptions, type NamedBytes } from '../../src/adapters/judge-pool.ts'
import { hexKeyOf, ocmfText, payload, pemOf, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'

const pools: JudgePool[] = []
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))
const pool = (options: JudgePoolOptions) => {
  const made = new JudgePool(options)
  pools.push(made)
  return made
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const record = (): NamedBytes => ({ name: 'a.xml', bytes: bytes(safeXml([{ data: ocmfText(payload()), key: hexKeyOf(SIGNER) }])) })
const verdictOf = (json: string) => JSON.parse(json).verdict

describe('a pool of judges', () => {
  it('answers more questions than it has threads', async () => {
    const judges = pool({ threads: 2 })
    const verdicts = await Promise.all(Array.from({ length: 7 }, () => judges.judge([record()])))
    expect(verdicts.map(verdictOf)).toEqual(Array(7).fill('valid'))
    expect(judges.load).toBe(0)
  })

  it('believes its trust store', async () => {
    const judges = pool({ threads: 1, trust: [{ name: 'publicKey.pem', bytes: bytes(pemOf(SIGNER)) }] })
    expect(JSON.parse(await judges.judge([record()])).sessions[0].keyTrust).toBe('pinned')
  })

  it('refuses what would wait behind too many', async () => {
    const judges = pool({ threads: 1, waiting: 1 })
    const [first, second] = [judges.judge([record()]), judges.judge([record()])]
    await expect(judges.judge([record()])).rejects.toMatchObject({ code: 'queue-full' })
    expect((await Promise.all([first, second])).map(verdictOf)).toEqual(['valid', 'valid'])
  })

  it('gives up a question that takes too long, and answers the next one', async () => {
    const judges = pool({ threads: 1, patienceMs: 1 })
    await expect(judges.judge([record()])).rejects.toMatchObject({ code: 'limit-exceeded' })
    expect(judges.load).toBe(0)
    const patient = pool({ threads: 1 })
    expect(verdictOf(await patient.judge([record()]))).toBe('valid')
  })

  it('copies what shares its memory with others', async () => {
    const whole = record().bytes
    const shared = new Uint8Array(whole.length + 8)
    shared.set(whole, 4)
    const slice = shared.subarray(4, 4 + whole.length)
    expect(verdictOf(await pool({ threads: 1 }).judge([{ name: 'a.xml', bytes: slice }]))).toBe('valid')
    expect(shared.byteLength).toBe(whole.length + 8)
  })

  it('says so to those who still wait when it closes', async () => {
    const judges = pool({ threads: 1 })
    const asked = [judges.judge([record()]), judges.judge([record()])]
    const settled = Promise.allSettled(asked)
    await judges.close()
    expect((await settled).map((one) => one.status === 'rejected' && one.reason.code)).toEqual(['queue-full', 'queue-full'])
    await expect(judges.judge([record()])).rejects.toMatchObject({ code: 'queue-full' })
  })
})
