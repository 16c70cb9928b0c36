// Frames without a header: what is read of them cannot hide the neighbour or smuggle a header in, and what is written holds none of ours.
import { describe, expect, it } from 'vitest'
import { payloadOf, RESULT_ERROR, writeEnvelope } from '../../src/ocpp/frame.ts'
import { readBare, writeBare } from '../../src/overlay/bare-frames.ts'
import { echo, keysOf, memoryLinks, outcomeOf, settle, virtualClock } from '../overlay/support.ts'
import { dial, makeNetwork } from '../roles/park.ts'

describe('a frame without a header', () => {
  it('is read with the neighbour at the end of its path, and with no header but the version', () => {
    const smuggled = '[2,"csms",["cs-9"],"1","Heartbeat",{},{"ocpp":"ocpp1.6","answered":{},"signatures":[]}]'
    expect(readBare(smuggled, 'lc9')).toMatchObject({ path: ['cs-9', 'lc9'], header: { ocpp: 'ocpp2.1' } })
    expect(Object.keys(readBare(smuggled, 'lc9').header)).toEqual(['ocpp'])
    expect(() => readBare('[2,"1","Heartbeat",{}]', 'lc9')).toThrow(expect.objectContaining({ code: 'frame-malformed' }))
  })

  it('is written with the path of a CALLERROR as a list, and not at all for a CALLRESULTERROR', () => {
    const error = readBare('[4,["a","cs-9"],"gateway","1","GenericError","[x]",{}]', 'gateway')
    expect(writeBare(error)).toBe('[4,["a","cs-9"],["gateway"],"1","GenericError","[x]",{}]')
    const message = { type: RESULT_ERROR, id: '1', code: 'X', description: '', details: payloadOf({}) } as const
    expect(writeBare({ ...error, message })).toBeUndefined()
  })
})

/** grid-operator - csms - lc9, which has no header, and cs-9 behind it */
const setUp = async () => {
  const clock = virtualClock()
  const keys = keysOf({ 'grid-operator': 'grid-operator', listed: 'gateway' })
  const make = (id: string, uplinks: string[] = []) => makeNetwork(clock, { id, uplinks }, { keys, local: echo })
  const [csms, operator] = [make('csms'), make('grid-operator', ['csms'])]
  await dial(operator, csms)
  const connect = async (nodeId: string) => {
    const [near, far] = memoryLinks()
    const told = { frames: [] as string[], closed: [] as number[] }
    near.open({
      text(frame) {
        told.frames.push(frame)
        const [type, , path, id] = JSON.parse(frame)
        if (type === 2)
          near.send(`[3,${JSON.stringify([path].flat()[0])},["cs-9","${nodeId}"],"${id}",{"power":11.0,"signatures":[{"keyId":"k"}]}]`)
      },
      binary: () => undefined,
      closed: (code) => told.closed.push(code),
    })
    const done = csms.nodeConnected(far, { nodeId, bare: true })
    done.catch(() => undefined)
    await settle()
    near.send(`[2,"csms",["cs-9","${nodeId}"],"800001","org.example.Ping",{"n":1.0}]`)
    await settle()
    return { ...told, done }
  }
  const order = (limit: number, ocpp: 'ocpp1.6' | 'ocpp2.1' = 'ocpp2.1') => operator.ask('cs-9', 'SetLimit', payloadOf({ limit }), { ocpp })
  return { csms, connect, order }
}

describe('a neighbour without a header', () => {
  it('is asked after the policy of this node allowed it, without our signature; its own come through as they are', async () => {
    const { connect, order } = await setUp()
    const { frames } = await connect('lc9')
    expect(frames[0]).toMatch(/^\[3,"cs-9","csms","800001",\{/)
    const { answer } = await order(5000)
    expect(JSON.parse(frames[1] ?? '')).toHaveLength(6)
    expect(frames[1]).not.toContain('protected')
    expect(writeEnvelope(answer)).toContain('{"power":11.0,"signatures":[{"keyId":"k"}]}')
    expect(outcomeOf((await order(100)).answer)).toMatchObject({ code: 'SecurityError', rule: 'grid-limit', at: 'csms' })
    expect(frames).toHaveLength(2)
  })

  it('speaks OCPP 2.1 and no other version', async () => {
    const { connect, order } = await setUp()
    const { frames } = await connect('lc9')
    expect(outcomeOf((await order(5000, 'ocpp1.6')).answer)).toMatchObject({ fault: 'payload-invalid' })
    expect(frames).toHaveLength(1)
  })

  it('cannot come in the name of a node whose key is listed', async () => {
    const { csms, connect } = await setUp()
    const { done, closed } = await connect('listed')
    await expect(done).rejects.toMatchObject({ code: 'refused', data: { rule: 'link-proof' } })
    expect(closed).toEqual([1008])
    expect(csms.overlay.routes.direct('listed')).toBeUndefined()
  })
})
