// ChargePoint's pairs of files: one document is a whole session, and brings no key.
import { utf8 } from '../../../../src/base/bytes.ts'
import { rawToDer } from '../../../../src/crypto/der.ts'
import { energyDocument } from '../../../../tools/transparency-vectors/chargepoint.ts'
import { digitOf, type Maker, type Said, type Signed, signerOf, type Written } from '../said.ts'

const kWh = (wh: number): string => `#${(wh / 1000).toFixed(1)}`

const text = (said: Said): string =>
  energyDocument({
    session_id: said.session,
    station_mac: `0024b10000c0ffe${digitOf(said.meter)}`,
    driver_info: said.user,
    meter_serial: chargepointMaker.idOf(said.meter),
    meter_startreading: kWh(said.from.wh),
    meter_endreading: kWh(said.wh),
    total_energy: kWh(said.wh - said.from.wh),
    start_time: said.from.time,
    end_time: said.time,
  })

const pair = ({ said, signs, signer }: Signed): Written => ({
  form: 'pair',
  content: text(said),
  signature: rawToDer(signerOf(signer, 'secp224k1').sign('SHA-256', utf8(text(signs)))),
  holdsKey: false,
})

export const chargepointMaker: Maker = {
  curve: 'secp224k1',
  idOf: (meter) => `CPV000${digitOf(meter)}S`,
  keyNameOf: (meter) => `0024b10000c0ffe${digitOf(meter)}_2`,
  lengthOf: () => 1,
  writers: [pair],
}
