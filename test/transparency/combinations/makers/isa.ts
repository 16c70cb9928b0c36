// Isabellenhütte's meters: each telegram repeats what its session began with.
import { concat, unhex, utf8 } from '../../../../src/base/bytes.ts'
import { START, STOP, stopBlock, telegramOf, UPDATE } from '../../../../tools/transparency-vectors/isa-edl40.ts'
import { digitOf, type Maker, type Said, type Signed, signerOf, type Written } from '../said.ts'

const PLACE = 3600

const idOf = (meter: Said['meter']): string => `0901495341000000000${digitOf(meter)}`

const block = (said: Said): Uint8Array => {
  // the present reading of a START is that of the begin
  const { time, wh } = said.kind === 'begin' ? said.from : said
  return stopBlock({
    serverId: unhex(idOf(said.meter)),
    listName: said.kind === 'begin' ? START : said.kind === 'between' ? UPDATE : STOP,
    actualTime: BigInt(time + PLACE),
    actualValue: BigInt(10 * wh),
    startTime: BigInt(said.from.time + PLACE),
    startValue: BigInt(10 * said.from.wh),
    contractId: utf8(said.user),
    logbook: Uint8Array.of(0, said.log),
    pagination: BigInt(said.number),
  })
}

const telegram = ({ said, signs, signer }: Signed): Written => {
  const [told, signed] = [block(said), block(signs)]
  const signature = concat(signerOf(signer, 'secp256r1').sign('SHA-256', signed), told.subarray(31, 33))
  return { form: 'isa', content: telegramOf(told, signature), holdsKey: false, offset: true }
}

export const isaMaker: Maker = { curve: 'secp256r1', idOf, lengthOf: (length) => length, writers: [telegram] }
