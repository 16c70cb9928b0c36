// The offset from UTC beside the local time that a meter signs: it changes with the season, by the hours that the clock went, and not otherwise.
import { describe, expect, it } from 'vitest'
import { hex } from '../../../src/base/bytes.ts'
import { type EdlValues, edlBlock, edlEnd, edlSignature, edlTelegram, keyHex } from '../../../tools/transparency-vectors/edl-maker.ts'
import { safeXml } from '../../../tools/transparency-vectors/maker.ts'
import { ask, findings } from '../support.ts'

const LOCAL = 1_772_352_000
const RUN = 1000

/** Seconds after the begin by the clock on the wall and by the count of the meter, and the minutes of offset that somebody wrote beside. */
interface At {
  readonly wall: number
  readonly run: number
  readonly offset: number
}

const blocks: ((over: EdlValues) => Uint8Array)[] = [
  edlBlock,
  (over) => edlEnd({ value: 150_000n, ...over }),
  (over) => edlEnd({ ...over }),
]

const told = async (...times: readonly At[]): Promise<string[]> => {
  const makers = times.length === 2 ? [blocks[0], blocks[2]] : blocks
  const values = times.map(({ wall, run, offset }, index) => {
    const number = { time: BigInt(LOCAL + wall), secondIndex: BigInt(RUN + run), pagination: BigInt(20 + index) }
    const block = makers[index]?.(number) ?? edlBlock()
    return { data: hex(edlTelegram(block, edlSignature(block), offset)), key: keyHex(), format: 'SML_EDL40_P' }
  })
  const { verdict, sessions } = await ask({ 'receipt.xml': safeXml(values) })
  return [verdict, ...sessions.flatMap(findings).filter((found) => found !== 'algorithm-weak:warn')]
}

const first = (offset: number): At => ({ wall: 0, run: 0, offset })
const FORGED = ['invalid', 'source-mismatch:fail']

describe('the offset beside a local time', () => {
  it.each([
    ['stays', [first(60), { wall: 3600, run: 3600, offset: 60 }]],
    ['rises where a season begins', [first(60), { wall: 7200, run: 3600, offset: 120 }]],
    ['falls where it ends', [first(120), { wall: 3600, run: 7200, offset: 60 }]],
    ['falls by two hours, as in one place', [first(120), { wall: 3600, run: 10_800, offset: 0 }]],
    ['rises after a reading in between', [first(60), { wall: 3600, run: 3600, offset: 60 }, { wall: 10_800, run: 7200, offset: 120 }]],
  ])('%s', async (_, times) => expect(await told(...times)).toEqual(['valid']))

  it.each([
    ['rose, and no clock did', [first(60), { wall: 3600, run: 3600, offset: 120 }]],
    ['fell, and no clock did', [first(120), { wall: 3600, run: 3600, offset: 60 }]],
    ['fell, and the clock was set right by a minute', [first(120), { wall: 3660, run: 3600, offset: 60 }]],
    ['fell, and the clock was set back by a minute', [first(120), { wall: 3540, run: 3600, offset: 60 }]],
    ['rose after a reading in between', [first(60), { wall: 3600, run: 3600, offset: 60 }, { wall: 7200, run: 7200, offset: 120 }]],
    ['fell by more than any season', [first(121), { wall: 3540, run: 10_800, offset: 0 }]],
  ])('is not believed where it %s', async (_, times) => expect(await told(...times)).toEqual(expect.arrayContaining(FORGED)))
})
