// Golden vectors of charge transparency records that hold no original, but every signed member of each reading: as a program writes what
// it has read from meters of EMH, Alfen and Mennekes, and twins for every one of these members.
import { hex, unbase32, unhex } from '../../src/base/bytes.ts'
import { derToRaw } from '../../src/crypto/der.ts'
import { type BlockField, blockHex, blockNumber, blockObis, blockText } from '../../src/metering/block.ts'
import { ALFEN_BLOCK } from '../../src/metering/formats/alfen.ts'
import { EDL_BLOCK } from '../../src/metering/formats/edl/block.ts'
import { alfenBlock, alfenEnd, alfenLine } from './alfen.ts'
import { bsmEnd, bsmStart, bsmValue } from './bsm.ts'
import type { VectorCase } from './case.ts'
import { edlBlock, edlEnd, edlSignature, keyHex, P192 } from './edl-maker.ts'
import type { Fields } from './maker.ts'

const number = (block: Uint8Array, field: BlockField): number =>
  Number(blockNumber(block, { ...field, form: field.form === 'hex' ? 'unsigned' : field.form }))

const CONTEXTS = 'https://open.charging.cloud/contexts'

/** r and s in hexadecimal digits, side by side. */
const halves = (signature: string): Fields => ({ signatures: [{ r: signature.slice(0, 48), s: signature.slice(48, 96) }] })

interface Method {
  readonly name: string
  readonly session: Fields
  readonly measurement: Fields
  readonly values: readonly Fields[]
  readonly key: string
}

const document = ({ name, session, measurement, values, key }: Method): string =>
  JSON.stringify(
    {
      '@id': 'record-1',
      '@context': `${CONTEXTS}/CTR+json`,
      begin: values[0]?.timestamp,
      end: values.at(-1)?.timestamp,
      chargingStations: [
        { EVSEs: [{ '@id': 'DE*CPV*E0001*1', meters: [{ '@id': measurement.energyMeterId, publicKeys: [{ value: key }] }] }] },
      ],
      chargingSessions: [
        {
          '@id': 'session-1',
          '@context': `${CONTEXTS}/SessionSignatureFormats/${name}+json`,
          begin: values[0]?.timestamp,
          end: values.at(-1)?.timestamp,
          ...session,
          measurements: [{ '@context': `${CONTEXTS}/EnergyMeterSignatureFormats/${name}+json`, ...measurement, values }],
          verificationResult: { status: 'ValidSignature' },
        },
      ],
    },
    null,
    1,
  )

/** The wall clock of the place is what is signed. */
const placeTime = (block: Uint8Array, field: BlockField): string =>
  `${new Date(number(block, field) * 1000).toISOString().slice(0, 19)}+01:00`

const edlMeasurement = (block: Uint8Array): Fields => ({
  energyMeterId: blockHex(block, EDL_BLOCK.serverId).toUpperCase(),
  obis: blockObis(block, EDL_BLOCK.obis),
  unitEncoded: number(block, EDL_BLOCK.unit),
  scale: number(block, EDL_BLOCK.scaler),
})

const emh = (...blocks: readonly Uint8Array[]): Method => {
  const [first = edlBlock()] = blocks
  return {
    name: 'EMHCrypt01',
    session: {
      authorizationStart: { '@id': blockText(first, EDL_BLOCK.contractId) ?? '', timestamp: placeTime(first, EDL_BLOCK.contractTime) },
    },
    measurement: { ...edlMeasurement(first), unit: 'WATT_HOUR' },
    values: blocks.map((block) => ({
      timestamp: placeTime(block, EDL_BLOCK.time),
      value: String(number(block, EDL_BLOCK.value)),
      infoStatus: blockHex(block, EDL_BLOCK.status),
      secondsIndex: number(block, EDL_BLOCK.secondIndex),
      paginationId: number(block, EDL_BLOCK.pagination).toString(16).padStart(8, '0'),
      logBookIndex: blockHex(block, EDL_BLOCK.logbook),
      ...halves(hex(edlSignature(block))),
    })),
    key: `04${keyHex()}`,
  }
}

/** As Mennekes' bills say it: another register than the one of EDL40 meters, and the contract at each reading. */
const mennekes = (...blocks: readonly Uint8Array[]): Method => {
  const [first = edlBlock()] = blocks
  return {
    name: 'MennekesCrypt01',
    session: {},
    measurement: {
      ...edlMeasurement(first),
      unit: 'Wh',
      serverId: blockHex(first, EDL_BLOCK.serverId),
      publicKey: keyHex(P192),
      customerIdent: blockHex(first, EDL_BLOCK.contractId).replace(/(?:00)+$/, ''),
      timestampCustomerIdent: placeTime(first, EDL_BLOCK.contractTime),
    },
    values: blocks.map((block) => ({
      timestamp: placeTime(block, EDL_BLOCK.time),
      value: number(block, EDL_BLOCK.value),
      meterStatusNumber: number(block, EDL_BLOCK.status),
      secondsIndex: number(block, EDL_BLOCK.secondIndex),
      paginationId: number(block, EDL_BLOCK.pagination),
      eventCounter: Number.parseInt(blockHex(block, EDL_BLOCK.logbook), 16),
      originalSignature: hex(edlSignature(block)),
      ...halves(hex(edlSignature(block))),
    })),
    key: keyHex(P192),
  }
}

const alfen = (...blocks: readonly Uint8Array[]): Method => {
  const [first = alfenBlock()] = blocks
  const partsOf = (block: Uint8Array): string[] => alfenLine(block).split(';')
  const word = (block: Uint8Array, field: BlockField): string => number(block, field).toString(16).padStart(4, '0')
  return {
    name: 'AlfenCrypt01',
    session: {
      internalSessionId: String(number(first, ALFEN_BLOCK.sessionId)),
      authorizationStart: { '@id': blockText(first, ALFEN_BLOCK.userId) ?? '' },
    },
    measurement: {
      energyMeterId: blockHex(first, ALFEN_BLOCK.meterId),
      obis: blockObis(first, ALFEN_BLOCK.obis),
      unitEncoded: number(first, ALFEN_BLOCK.unit),
      scale: number(first, ALFEN_BLOCK.scaler),
      adapterId: blockHex(first, ALFEN_BLOCK.adapterId),
      adapterFWVersion: blockText(first, ALFEN_BLOCK.adapterFirmware) ?? '',
      adapterFWChecksum: blockHex(first, ALFEN_BLOCK.adapterChecksum),
    },
    values: blocks.map((block) => ({
      timestamp: new Date(number(block, ALFEN_BLOCK.time) * 1000).toISOString(),
      value: String(number(block, ALFEN_BLOCK.value)),
      statusMeter: word(block, ALFEN_BLOCK.meterStatus),
      statusAdapter: word(block, ALFEN_BLOCK.adapterStatus),
      secondsIndex: number(block, ALFEN_BLOCK.secondIndex),
      paginationId: number(block, ALFEN_BLOCK.paging),
      ...halves(hex(unbase32(partsOf(block)[5] ?? ''))),
    })),
    key: partsOf(first)[3] ?? '',
  }
}

const NUMBERS = ['RCR', 'TotWhImp', 'W'] as const

const bsm = (...snapshots: readonly ReturnType<typeof bsmStart>[]): Method => ({
  name: 'bsm-ws36a-v0',
  session: {},
  measurement: { energyMeterId: '001CPV0000000001', name: 'Real Energy Imported' },
  values: snapshots.map((points) => {
    const value = bsmValue(points)
    const flat = Object.entries(points).map(([name, point]) => [name, typeof point === 'string' ? point : point[0]] as const)
    const scales = NUMBERS.map((name) => [`${name}_SF`, points[name][1]] as const)
    const raw = hex(derToRaw(unhex(String(value.signature)), 'secp256r1'))
    // as numbers are written: without zeros in front
    const [r, s] = [raw.slice(0, 64), raw.slice(64)].map((number) => BigInt(`0x${number}`).toString(16))
    return { timestamp: value.time, ...Object.fromEntries([...flat, ...scales]), signatures: [{ r, s }] } as Fields
  }),
  key: String((bsmValue(bsmStart()).meterInfo as Fields).publicKey),
})

/** In the order in which the blocks have them; the time's last digit is that of the seconds, the offset behind it is not signed. */
const words = (text: string): string[] => text.split(' ')
const SIGNED = {
  emh: words('energyMeterId obis unitEncoded scale @id timestamp value infoStatus secondsIndex paginationId logBookIndex r s'),
  mennekes: [
    ...words('serverId scale customerIdent timestampCustomerIdent'),
    ...words('timestamp value meterStatusNumber secondsIndex paginationId eventCounter originalSignature'),
  ],
  alfen: [
    ...words('energyMeterId obis unitEncoded scale adapterId adapterFWVersion adapterFWChecksum internalSessionId @id'),
    ...words('timestamp value statusMeter statusAdapter secondsIndex paginationId r s'),
  ],
  bsm: [...Object.keys(bsmStart()), ...NUMBERS.map((name) => `${name}_SF`), ...words('energyMeterId timestamp r s')],
} as const

const METHODS = {
  emh: emh(edlBlock(), edlEnd()),
  mennekes: mennekes(edlBlock(), edlEnd()),
  alfen: alfen(alfenBlock(), alfenEnd()),
  bsm: bsm(bsmStart(), bsmEnd()),
}
type MethodName = keyof typeof METHODS

/** Another last digit, or letter where there is none, in the last member of this name that the method's own part of the document has. */
const altered = (method: Method, member: string): Method => {
  const change = (fields: Fields): Fields => JSON.parse(changed(JSON.stringify(fields), member)) as Fields
  const values = method.values.map((value, index) => (index === method.values.length - 1 ? change(value) : value))
  return { ...method, session: change(method.session), measurement: change(method.measurement), values }
}

const changed = (text: string, member: string): string =>
  text.replace(new RegExp(`("${member}":"?)([^",}]*)`), (_, name: string, value: string) => {
    const [, head = '', last = '', tail = ''] = /^(.*?)([0-9A-Za-z])(\.000Z|[+]01:00|)$/.exec(value) ?? []
    return `${name}${head}${last === '0' ? '1' : '0'}${tail}`
  })

const inUtc = (time: Fields[string]): string => new Date(String(time)).toISOString()

const named = (name: string, method: Method): VectorCase => ({ name, question: { 'record.chargy': document(method) } })
const without = (method: Method, member: string): Method => ({
  ...method,
  values: method.values.map((value, index) => (index === 0 ? value : { ...value, [member]: undefined })),
})

const ofEmh = (over: Fields): Method => ({ ...METHODS.emh, measurement: { ...METHODS.emh.measurement, ...over } })

export const signedCtrVectors = (): VectorCase[] => [
  ...(Object.keys(METHODS) as MethodName[]).flatMap((method) => [
    named(`session-of-${method}`, METHODS[method]),
    ...SIGNED[method].map((member) => named(`${method}-${member.replace('@', '')}-tampered`, altered(METHODS[method], member))),
    named(`${method}-reading-unsigned`, without(METHODS[method], 'signatures')),
    named(`${method}-reading-incomplete`, without(METHODS[method], method === 'bsm' ? 'OS' : 'secondsIndex')),
  ]),
  named('method-unknown', { ...METHODS.emh, name: 'OtherCrypt01' }),
  named('session-of-emh-alone-in-its-measurements', { ...METHODS.emh, session: { ...METHODS.emh.session, '@context': undefined } }),
  named('emh-in-utc', { ...METHODS.emh, values: METHODS.emh.values.map((value) => ({ ...value, timestamp: inUtc(value.timestamp) })) }),
  named('emh-original-unreadable', { ...METHODS.emh, session: { ...METHODS.emh.session, original: 'bm8gcmVjb3Jk' } }),
  named('session-of-emh-obis-in-digits', ofEmh({ obis: '0100011100FF' })),
  named('emh-obis-of-no-byte', ofEmh({ obis: '1-0:1.17.0*511' })),
  named('emh-unit-tampered', ofEmh({ unit: 'KILO_WATT_HOUR' })),
  named('alfen-user-too-long', {
    ...METHODS.alfen,
    session: { ...METHODS.alfen.session, authorizationStart: { '@id': 'DEADBEEF'.repeat(3) } },
  }),
  named('mennekes-three-readings', mennekes(edlBlock(), edlBlock({ time: 1_772_353_000n, pagination: 21n }), edlEnd({ pagination: 22n }))),
  named('mennekes-markup', { ...METHODS.mennekes, measurement: { ...METHODS.mennekes.measurement, publicKey: '</PublicKey><PublicKey>' } }),
]
