import { describe, expect, it } from 'vitest'
import { bytesText, rateLine, rateText } from '../../apps/cli/rate.ts'

describe('the line beside a transfer', () => {
  it('says how far, how fast and how long still', () => {
    const mib = 1_048_576
    expect(rateText({ done: 12 * mib, total: 1_024 * mib, perSecond: 3.2 * mib })).toBe(
      '12.0 MiB of 1.0 GiB, 1 %, 3.2 MiB/s, 5 min 17 s left',
    )
    expect(rateText({ done: 0, total: 100 * mib, perSecond: 1_024 })).toBe('0 B of 100.0 MiB, 0 %, 1.0 KiB/s, 28 h 26 min left')
    expect(rateText({ done: 500, total: 1_000, perSecond: 0 })).toBe('500 B of 1000 B, 50 %')
    expect(rateText({ done: 0, total: 0, perSecond: 0 })).toBe('0 B of 0 B, 100 %')
    expect([1_023, 1_024, 1_536 * 1_024].map(bytesText)).toEqual(['1023 B', '1.0 KiB', '1.5 MiB'])
  })

  const drawn = (progress: boolean) => {
    let time = 0
    const out: string[] = []
    const line = rateLine({ progress, error: (text) => out.push(text) }, 'to lc1', () => time)
    return {
      out,
      line,
      after: (ms: number) => {
        time += ms
      },
    }
  }

  it('is that of the last seconds, is drawn five times a second, and goes when it is over', () => {
    const { out, line, after } = drawn(true)
    for (let second = 0; second <= 10; second++) {
      line.at(second * 1_000, 100_000)
      after(1_000)
    }
    expect(out).toHaveLength(11)
    expect(out.at(-1)).toBe('\rto lc1 9.8 KiB of 97.7 KiB, 10 %, 1000 B/s, 1 min 30 s left\u001b[K')
    line.at(11_000, 100_000)
    line.at(11_001, 100_000)
    line.at(100_000, 100_000)
    expect(out).toHaveLength(13)
    line.end()
    line.end()
    expect(out.slice(13)).toEqual(['\r\u001b[K'])
  })

  it('is not there where nobody looks', () => {
    const { out, line } = drawn(false)
    line.at(1, 2)
    line.end()
    expect(out).toEqual([])
  })
})
