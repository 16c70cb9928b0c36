// A signed OCMF record made on the spot, for tests of the pages: what a meter would write, with a key of its own.
import { generateKeyPairSync, sign } from 'node:crypto'

export interface MadeRecord {
  readonly record: string
  /** The same record with one digit of the end value changed. */
  readonly forged: string
  /** SubjectPublicKeyInfo, hex. */
  readonly key: string
}

/** OCMF 1.0 with a begin and an end. `user` goes into the identification as it is. */
export const makeRecord = (user = 'DEADBEEF'): MadeRecord => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const reading = (TM: string, TX: string, RV: number) => ({ TM, TX, RV, RI: '1-0:1.8.0', RU: 'kWh', ST: 'G' })
  const payload = JSON.stringify({
    FV: '1.0',
    GI: 'Chargeproof test',
    GS: '0815',
    PG: 'T1',
    MV: 'Test',
    MM: 'M1',
    MS: '1TST0012345678',
    IS: true,
    IL: 'VERIFIED',
    IF: ['RFID_PLAIN'],
    IT: 'ISO14443',
    ID: user,
    RD: [reading('2026-03-01T12:00:00,000+0100 S', 'B', 204.1495), reading('2026-03-01T12:51:00,000+0100 S', 'E', 211.5)],
  })
  const signature = sign('sha256', Buffer.from(payload), privateKey).toString('hex')
  const whole = (text: string) => `OCMF|${text}|${JSON.stringify({ SA: 'ECDSA-secp256r1-SHA256', SD: signature })}`
  return {
    record: whole(payload),
    forged: whole(payload.replace('211.5', '311.5')),
    key: publicKey.export({ type: 'spki', format: 'der' }).toString('hex'),
  }
}
