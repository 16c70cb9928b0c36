// Live links are named and never followed.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ask } from '../../transparency/support.ts'

const LINK = {
  '@context': 'https://open.charging.cloud/contexts/chargeTransparency/live/link/1.0',
  transports: [{ type: 'https', url: 'https://127.0.0.1/never' }],
}

describe('a live link', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('is a link, and nobody calls', async () => {
    const fetched = vi.fn()
    vi.stubGlobal('fetch', fetched)
    vi.stubGlobal('WebSocket', fetched)
    const { verdict, inputs, sessions } = await ask({ 'link.json': JSON.stringify(LINK) })
    expect({ verdict, sessions }).toEqual({ verdict: 'unreadable', sessions: [] })
    expect(inputs).toMatchObject([{ name: 'link.json', kind: 'link', format: 'livelink', fault: { code: 'link-not-followed' } }])
    expect(fetched).not.toHaveBeenCalled()
  })
})
