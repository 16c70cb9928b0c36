// BSM-WS36A: snapshots of all data points, in JSON of chargeIT. The register is that of the session; the meter's own runs beside it.
import { hex } from '../../../../src/base/bytes.ts'
import { rawToDer } from '../../../../src/crypto/der.ts'
import { bsmBytes, bsmStart, bsmValue } from '../../../../tools/transparency-vectors/bsm.ts'
import { hexKeyOf, present } from '../../../../tools/transparency-vectors/maker.ts'
import { digitOf, type Maker, type Said, type Signed, signerOf, type Written } from '../said.ts'

const TYPES: Readonly<Record<Said['kind'], number>> = { begin: 3, between: 0, end: 4, whole: 3 }
const BEFORE = 100_000

const idOf = (meter: Said['meter']): string => `001CPV000000000${digitOf(meter)}`

const points = (said: Said): ReturnType<typeof bsmStart> =>
  bsmStart({
    Typ: [TYPES[said.kind], 0, 255],
    RCR: [BEFORE + said.wh - said.from.wh, 0, 30],
    TotWhImp: [said.wh / 10, 1, 30],
    MA1: idOf(said.meter),
    RCnt: [said.number, 0, 255],
    OS: [said.time - 1_770_000_000, 0, 7],
    Epoch: [said.time, 0, 7],
    EpochSetCnt: [said.log, 0, 255],
    EpochSetOS: [1000, 0, 7],
    Meta1: `contract-id: rfid:${said.user}`,
  })

const value = ({ said, signs, signer, embedded }: Signed): Written => {
  const meterId = idOf(said.meter)
  const signature = hex(rawToDer(signerOf(signer, 'secp256r1').sign('SHA-256', bsmBytes(points(signs)))))
  const json = bsmValue(points(said), {
    meterInfo: embedded === undefined ? { meterId } : { meterId, publicKey: hexKeyOf(signerOf(embedded, 'secp256r1')) },
    contract: { id: said.user, type: 'rfid' },
    signature,
  })
  return { form: 'json', content: JSON.stringify(present(json)), holdsKey: true }
}

export const bsmMaker: Maker = { curve: 'secp256r1', idOf, lengthOf: (length) => Math.max(2, length), writers: [value] }
