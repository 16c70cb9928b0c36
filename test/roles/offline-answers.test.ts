// The table of answers that a controller may give in its back end's name: what is in it is valid OCPP, and nothing else is in it.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import { actionsOf } from '../../src/ocpp/actions.ts'
import { type Envelope, ERROR, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { validateResponse } from '../../src/ocpp/validate.ts'
import { VERSIONS } from '../../src/ocpp/version.ts'
import { lesson, offlineRow } from '../../src/roles/offline-answers.ts'
import { callOf } from '../overlay/support.ts'
import { fixedRandom } from '../support/fixed-random.ts'

const TOKEN = { idTag: 'DeadBeef', idToken: { idToken: 'DeadBeef', type: 'ISO14443' } }

const setUp = () => {
  const store = memoryStore()
  const world = { now: Date.UTC(2025, 0, 1), random: fixedRandom(), store }
  const told = (action: string, asked: Json, answered: Json, message: object = {}) => {
    const question = callOf({ from: 'cs', to: 'csms' }, { action, payload: payloadOf(asked) })
    const answer: Envelope = {
      ...question,
      message: { type: RESULT, id: '1', payload: payloadOf(answered), ...message } as Envelope['message'],
    }
    return lesson(question, answer, world)
  }
  const learn = async (...[action, asked, answered]: Parameters<typeof told>) => {
    const change = told(action, asked, answered)
    if (change) await store.commit([change])
    return change
  }
  return { world, told, learn }
}

describe('offline answers', () => {
  it.each(VERSIONS)('of %s are valid, for actions that it has, once everything is known', async (version) => {
    const { world, learn } = setUp()
    await learn('BootNotification', {}, { status: 'Accepted' })
    await learn('Authorize', TOKEN, { idTagInfo: { status: 'Accepted' } })
    const rows = actionsOf(version).flatMap((action) => (offlineRow(version, action) ? [action] : []))
    expect(rows.length).toBe(version === 'ocpp1.6' ? 12 : 16)
    for (const action of rows) {
      const answer = offlineRow(version, action)?.answer(TOKEN, 'cs', world)
      expect([action, answer === undefined ? 'nothing' : validateResponse(version, action, answer)]).toEqual([action, undefined])
    }
  })

  it('are none for orders, for what nobody knows, and for names that only look like rows', () => {
    for (const version of VERSIONS) {
      for (const action of [
        'Reset',
        'DataTransfer',
        'SignCertificate',
        'Get15118EVCertificate',
        '__proto__',
        'constructor',
        'toString',
        '',
      ])
        expect(offlineRow(version, action)).toBeUndefined()
    }
    expect(offlineRow('ocpp1.6', 'TransactionEvent')).toBeUndefined()
    expect(offlineRow('ocpp2.1', 'StartTransaction')).toBeUndefined()
  })

  it('of money and power are kept; of the clock and of a look-up they are not', () => {
    const kept = (action: string) => offlineRow('ocpp1.6', action)?.keep
    expect(['StartTransaction', 'StopTransaction', 'MeterValues', 'StatusNotification', 'BootNotification'].map(kept)).toEqual(
      Array(5).fill(true),
    )
    expect(['Heartbeat', 'Authorize'].map(kept)).toEqual([false, false])
    expect(offlineRow('ocpp2.1', 'TransactionEvent')?.keep).toBe(true)
  })

  it('draw transaction numbers from where no back end counts, within 31 bits', () => {
    const { world } = setUp()
    const row = offlineRow('ocpp1.6', 'StartTransaction')
    expect(row?.answer(TOKEN, 'cs', world)).toBeUndefined()
    world.store.commit([{ collection: 'known-tokens', key: 'DEADBEEF', value: 'Accepted' }])
    for (const fill of [0x00, 0xff]) {
      const answer = row?.answer(TOKEN, 'cs', { ...world, random: { ...world.random, bytes: (n) => new Uint8Array(n).fill(fill) } })
      expect(answer).toMatchObject({ transactionId: fill === 0 ? 0x4000_0000 : 0x7fff_ffff })
    }
  })
})

describe('lessons', () => {
  it('are learned once, changed when the back end changes its mind, whatever case a token is written in', async () => {
    const { learn, told, world } = setUp()
    expect(await learn('Authorize', { idTag: 'abc' }, { idTagInfo: { status: 'Accepted' } })).toEqual({
      collection: 'known-tokens',
      key: 'ABC',
      value: 'Accepted',
    })
    expect(told('StartTransaction', { idTag: 'ABC' }, { idTagInfo: { status: 'Accepted' } })).toBeUndefined()
    await learn('TransactionEvent', { idToken: { idToken: 'Abc' } }, { idTokenInfo: { status: 'Blocked' } })
    expect(offlineRow('ocpp2.0.1', 'Authorize')?.answer({ idToken: { idToken: 'aBC' } }, 'cs', world)).toEqual({
      idTokenInfo: { status: 'Blocked' },
    })
  })

  it('are not learned from errors, from other actions, or from what says nothing', () => {
    const { told } = setUp()
    const accepted = { idTagInfo: { status: 'Accepted' } }
    expect(
      told('Authorize', { idTag: 'A' }, accepted, { type: ERROR, code: 'x', description: '', details: payloadOf(accepted) }),
    ).toBeUndefined()
    expect(told('MeterValues', { idTag: 'A' }, accepted)).toBeUndefined()
    expect(told('Authorize', {}, accepted)).toBeUndefined()
    expect(told('Authorize', { idTag: 7 }, accepted)).toBeUndefined()
    expect(told('Authorize', { idTag: 'A' }, {})).toBeUndefined()
    expect(told('Authorize', { idTag: 'A' }, { idTagInfo: null })).toBeUndefined()
    expect(told('BootNotification', {}, {})).toBeUndefined()
  })
})
