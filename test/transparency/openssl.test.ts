// The commands that we print are run with the machine's openssl, for every algorithm of the golden vectors and for a record of each other format,
// each with a tampered twin. What this openssl cannot do is said in one line, and must fail rather than verify.
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type OpensslNeeds, opensslCommands, type RecordReport } from '../../src/transparency/index.ts'
import { FOLDER } from '../../tools/transparency-vectors.ts'
import { expectedVerdict } from '../support/vectors.ts'

const openssl = (...argv: readonly string[]): string => spawnSync('openssl', argv, { encoding: 'utf8' }).stdout ?? ''
const release = /^OpenSSL (\d+)\.(\d+)/.exec(openssl('version'))
const available = release !== null
if (!available) console.log('skipped: no openssl on this machine, so the printed commands were not run')

const version = Number(release?.[1]) * 100 + Number(release?.[2])
const VERSIONS = { '1.1.1': 101, '3.0': 300, '3.5': 305 } as const satisfies Record<OpensslNeeds['version'], number>
const curves = available ? openssl('ecparam', '-list_curves') : ''

const able = ({ version: since, algorithm }: OpensslNeeds): boolean =>
  version >= VERSIONS[since] && (/^(Ed|ML-DSA)/.test(algorithm) || curves.includes(algorithm))

/** Runs the commands as a person does, and gives back what the last one said. */
const said = (record: RecordReport): { verified: boolean; text: string; needs: OpensslNeeds } => {
  const answer = opensslCommands(record)
  if ('impossible' in answer) throw new Error(`no commands: ${answer.impossible}`)
  const folder = mkdtempSync(join(tmpdir(), 'chargeproof-openssl-'))
  try {
    const { stdout, stderr, status } = spawnSync('sh', ['-c', answer.commands], { cwd: folder, encoding: 'utf8' })
    const text = `${stdout}${stderr}`
    const verified = /^(Verified OK|Signature Verified Successfully)$/m.test(text)
    expect(verified).toBe(status === 0)
    return { verified, text, needs: answer.needs }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const recordsOf = (name: string): readonly RecordReport[] => expectedVerdict(name).sessions.flatMap(({ records }) => records)

const algorithms = globSync('*/algorithm-*', { cwd: FOLDER })
  .filter((name) => !name.endsWith('-tampered'))
  .sort()

describe.skipIf(!available)('the commands for openssl', () => {
  it.each(algorithms)('%s: verify what is genuine and refuse what is altered', (name) => {
    const [genuine] = recordsOf(name)
    const [altered] = recordsOf(`${name}-tampered`)
    if (genuine === undefined || altered === undefined) throw new Error('no record')
    const { verified, text, needs } = said(genuine)
    if (able(needs)) {
      expect(text).toMatch(/Verified OK|Signature Verified Successfully/)
      if (genuine.evidence?.hash !== '') expect(text).toContain(genuine.evidence?.hash)
    } else console.log(`${name}: this openssl cannot check ${needs.algorithm}, which needs ${needs.version}`)
    expect(verified).toBe(able(needs))
    expect(said(altered).verified).toBe(false)
  })

  it.each([
    'alfen/session',
    'edl40/session',
    'emoc/session',
    'isa-edl40/session-all-three',
    'edl40-sig/session',
    'mennekes/session',
    'pcdf/session',
  ])('%s: check the other formats too', (name) => {
    for (const record of recordsOf(name).slice(0, 1)) {
      const { verified, needs } = said(record)
      expect(verified).toBe(able(needs))
      const bytes = record.evidence?.signedBytes ?? ''
      const last = bytes.endsWith('0') ? '1' : '0'
      const evidence = { ...record.evidence, signedBytes: bytes.slice(0, -1) + last } as RecordReport['evidence']
      expect(said({ ...record, ...(evidence === undefined ? {} : { evidence }) }).verified).toBe(false)
    }
  })
})

describe('where there is nothing to repeat', () => {
  const reason = (name: string): string => {
    const [record] = recordsOf(name)
    const answer = record === undefined ? undefined : opensslCommands(record)
    return answer !== undefined && 'impossible' in answer ? answer.impossible : 'commands'
  }

  it.each([
    ['ocmf/signature-absent', 'absent'],
    ['ocmf/signature-not-der', 'malformed'],
    ['ocmf/key-missing', 'key-missing'],
    ['ocmf/key-curve', 'key-curve'],
    ['ocmf/signature-unsupported', 'unsupported'],
  ])('%s: says %s', (name, expected) => {
    expect(reason(name)).toBe(expected)
  })

  it('says so where no evidence was made', () => {
    expect(opensslCommands({ id: 'record-1', input: '', format: 'ocmf', values: [], signature: { state: 'valid' } })).toEqual({
      impossible: 'no-evidence',
    })
  })
})
