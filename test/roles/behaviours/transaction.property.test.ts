// Whatever order a session's messages come in, and however often, it is one transaction with the same energy.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/roles/behaviours/behaviour.ts'
import { getTransaction, listTransactions, type TransactionDetail } from '../../../src/roles/csms-views.ts'
import { iso } from '../support/station-messages.ts'
import { testDesk } from '../support/test-desk.ts'

interface Message {
  readonly action: string
  readonly payload: JsonObject
  readonly answered?: JsonObject
}

const record = (n: number): string => `OCMF|{"PG":"T${n}"}|{"SD":"00"}`
/** The readings of a session: rising, whole Wh, one a minute. */
const readings = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 }).map((steps) =>
  steps.map(
    (
      (sum) => (step: number) =>
        (sum += step)
    )(5000),
  ),
)

const session16 = (marks: readonly number[]): Message[] => {
  const transactionId = 0x4000_0007
  const signed = (n: number, context: string) => ({ value: record(n), format: 'SignedData', context })
  const last = marks.length + 1
  return [
    {
      action: 'StartTransaction',
      payload: { connectorId: 1, idTag: 'DEADBEEF', meterStart: 5000, timestamp: iso(0) },
      answered: { transactionId },
    },
    ...marks.map((wh, i) => ({
      action: 'MeterValues',
      payload: {
        connectorId: 1,
        transactionId,
        meterValue: [{ timestamp: iso(i + 1), sampledValue: [{ value: String(wh) }, signed(i, 'Sample.Periodic')] }],
      },
    })),
    {
      action: 'StopTransaction',
      payload: {
        transactionId,
        meterStop: marks.at(-1) ?? 0,
        timestamp: iso(last),
        idTag: 'DEADBEEF',
        transactionData: [{ timestamp: iso(last), sampledValue: [signed(0, 'Transaction.Begin'), signed(99, 'Transaction.End')] }],
      },
    },
  ]
}

const session2x = (marks: readonly number[]): Message[] => {
  const event = (eventType: string, seqNo: number, wh: number, context: string): Message => ({
    action: 'TransactionEvent',
    payload: {
      eventType,
      seqNo,
      timestamp: iso(seqNo),
      triggerReason: 'Trigger',
      transactionInfo: { transactionId: 'tx', chargingState: seqNo % 2 === 0 ? 'Charging' : 'SuspendedEV' },
      ...(seqNo < 2 && { idToken: { idToken: seqNo === 0 ? 'DEADBEEF' : 'FLEET1', type: 'ISO14443' }, evse: { id: seqNo + 1 } }),
      meterValue: [
        {
          timestamp: iso(seqNo),
          sampledValue: [
            {
              value: wh / 1000,
              context,
              unitOfMeasure: { unit: 'kWh' },
              signedMeterValue: { signedMeterData: record(seqNo), signingMethod: '', encodingMethod: 'OCMF', publicKey: '' },
            },
          ],
        },
      ],
    },
  })
  return [
    event('Started', 0, 5000, 'Transaction.Begin'),
    ...marks.slice(0, -1).map((wh, i) => event('Updated', i + 1, wh, 'Sample.Periodic')),
    event('Ended', marks.length, marks.at(-1) ?? 0, 'Transaction.End'),
  ]
}

/** Every message at least once, some more often, in any order, retries with the old or a new message id. */
const delivered = (messages: readonly Message[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...messages], { minLength: messages.length }),
      fc.array(fc.record({ message: fc.constantFrom(...messages), at: fc.nat({ max: messages.length }), sameId: fc.boolean() }), {
        maxLength: 8,
      }),
    )
    .map(([order, retries]) => {
      const sent = order.map((message) => ({ message, id: `first-${messages.indexOf(message)}` }))
      for (const [n, { message, at, sameId }] of retries.entries())
        sent.splice(at, 0, { message, id: sameId ? `first-${messages.indexOf(message)}` : `retry-${n}` })
      return sent
    })

const outcome = async (version: 'ocpp1.6' | 'ocpp2.1', sent: readonly { message: Message; id: string }[]): Promise<TransactionDetail> => {
  const { say, store } = testDesk(version)
  for (const { message, id } of sent)
    await say(message.action, message.payload, { id, ...(message.answered && { answered: message.answered }) })
  const all = listTransactions(store)
  expect(all).toHaveLength(1)
  const found = getTransaction(store, all[0]?.id ?? '')
  if (found === undefined) throw new Error('the listed transaction is not there')
  return found
}

describe.each([
  ['ocpp1.6', session16],
  ['ocpp2.1', session2x],
] as const)('%s', (version, session) => {
  it('any permutation and duplication of a session gives one transaction with the same energy', async () => {
    await fc.assert(
      fc.asyncProperty(
        readings.chain((marks) => fc.tuple(fc.constant(marks), delivered(session(marks)))),
        async ([marks, sent]) => {
          const inOrder = await outcome(
            version,
            session(marks).map((message, n) => ({ message, id: `${n}` })),
          )
          expect(inOrder).toMatchObject({ state: 'ended', energyWh: String((marks.at(-1) ?? 0) - 5000), flags: [] })
          expect(await outcome(version, sent)).toEqual(inOrder)
        },
      ),
      { numRuns: 60 },
    )
  })
})
