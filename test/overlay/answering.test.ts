import { describe, expect, it, vi } from 'vitest'
import { CALL, type Envelope, payloadOf } from '../../src/ocpp/frame.ts'
import { answeringBefore } from '../../src/overlay/answering.ts'
import type { Local } from '../../src/overlay/node-parts.ts'

const asking = (action: string): Envelope => ({
  destination: ['csms'],
  path: ['cs1'],
  header: {},
  message: { type: CALL, id: '1', action, payload: payloadOf({ for: action }) },
})

/** A role that keeps state of its own. */
class Role implements Local {
  readonly heard: string[] = []

  call({ message }: Envelope) {
    return Promise.resolve(payloadOf({ role: 'action' in message ? message.action : '' }))
  }

  told({ path }: Envelope) {
    this.heard.push(path[0] as string)
  }
}

describe('a part that answers before the rest', () => {
  it('answers what is its own, and hands over everything else as it came', async () => {
    const role = new Role()
    const call = vi.spyOn(role, 'call')
    const local = answeringBefore(role, (action) => (action === 'Mine' ? async (_envelope, payload) => ({ mine: payload }) : undefined))
    expect(await local.call(asking('Mine'))).toEqual(payloadOf({ mine: { for: 'Mine' } }))
    expect(call).not.toHaveBeenCalled()
    const other = asking('Other')
    const from = { kind: 'node' } as never
    expect(await local.call(other, from)).toEqual(payloadOf({ role: 'Other' }))
    expect(call).toHaveBeenCalledExactlyOnceWith(other, from)
    local.told?.(other)
    expect(role.heard).toEqual(['cs1'])
  })

  it('refuses as the part refuses', async () => {
    const local = answeringBefore({ call: () => Promise.reject(new Error('not this one')) }, () => () => Promise.reject(new Error('no')))
    await expect(local.call(asking('Mine'))).rejects.toThrow('no')
    expect(local.told).toBeUndefined()
  })
})
