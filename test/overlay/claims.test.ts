// Who holds a station when more than one says so.
import { describe, expect, it } from 'vitest'
import { Claims } from '../../src/overlay/claims.ts'

const by = (node: string, proven = true) => ({ node, proven })

describe('claims', () => {
  it('are held by the first who proved it, until it lets go', () => {
    const claims = new Claims()
    expect([claims.claim('cs', by('a')), claims.claim('cs', by('a')), claims.claim('cs', by('b'))]).toEqual(['taken', 'kept', 'contested'])
    expect(claims.holder('cs')?.node).toBe('a')
    expect(claims.release('cs', 'a')).toEqual({ holder: by('b') })
    expect(claims.release('cs', 'b')).toEqual({ holder: undefined })
    expect(claims.release('cs', 'b')).toBeUndefined()
  })

  it('that came to nothing count no more, not even when the station is free', () => {
    const claims = new Claims()
    claims.claim('cs', by('a'))
    claims.claim('cs', by('evil'))
    expect([claims.bar('cs', 'evil'), claims.bar('cs', 'evil'), claims.bar('cs', 'a')]).toEqual([true, false, false])
    expect(claims.claim('cs', by('evil'))).toBe('barred')
    claims.release('cs', 'a')
    expect(claims.claim('cs', by('evil'))).toBe('barred')
    expect(claims.claim('cs', by('a'))).toBe('taken')
    // taken back, and said anew: that is a new claim
    claims.release('cs', 'evil')
    expect(claims.claim('cs', by('evil'))).toBe('contested')
  })

  it('are settled by the station itself, whoever had it or claimed in vain before', () => {
    const claims = new Claims()
    expect([claims.confirm('cs', by('lc')), claims.holder('cs')?.node]).toEqual([undefined, 'lc'])
    claims.release('cs', 'lc')
    claims.claim('cs', by('evil'))
    claims.claim('cs', by('lc'))
    claims.bar('cs', 'lc')
    expect([claims.confirm('cs', by('lc')), claims.confirm('cs', by('lc'))]).toEqual(['evil', undefined])
    expect([claims.holder('cs')?.node, claims.claim('cs', by('evil')), claims.claim('cs', by('lc'))]).toEqual(['lc', 'contested', 'kept'])
    expect(claims.release('cs', 'lc')).toEqual({ holder: by('evil') })
  })

  it('that nobody proved give way to proof, and to the newest, but not back and forth', () => {
    const claims = new Claims()
    claims.claim('cs', by('a', false))
    expect([claims.claim('cs', by('b', false)), claims.claim('cs', by('a', false))]).toEqual(['taken', 'barred'])
    expect([claims.claim('cs', by('c')), claims.claim('cs', by('d', false))]).toEqual(['taken', 'contested'])
    expect(claims.release('cs', 'c')).toEqual({ holder: by('d', false) })
  })
})
