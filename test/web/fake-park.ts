// The made-up site behind the fake API: the park of contract §3, with sessions that charge, a link that breaks and a forged
// message now and then. Time and chance come from a counter, so that two runs tell the same story.

import { fakeTrust, signatureOf } from './fake-trust.ts'

export interface FakePark {
  readonly lists: () => Record<string, unknown>
  /** Lets a moment pass; returns the events of it. */
  readonly step: () => { type: string; data: unknown }[]
  readonly run: (event: string) => { ok: boolean; message: string }
}

const STATIONS = [
  { id: 'cs1', via: 'lc1', protocol: 'ocpp1.6', vendorName: 'Rheinstrom', model: 'Wallbox 11' },
  { id: 'cs2', via: 'lc1', protocol: 'ocpp1.6', vendorName: 'Rheinstrom', model: 'Wallbox 22' },
  { id: 'cs3', via: 'lc1', protocol: 'ocpp2.0.1', vendorName: 'Nordlader', model: 'N2' },
  { id: 'cs4', via: 'lc2', protocol: 'ocpp2.0.1', vendorName: '<img src=x onerror=alert(1)>', model: '<b>N2</b>' },
  { id: 'cs5', via: 'lc2', protocol: 'ocpp2.1', vendorName: 'Ampere Werke', model: 'HPC 150' },
  { id: 'cs6', via: 'lc2', protocol: 'ocpp2.1', vendorName: 'Ampere Werke', model: 'HPC 300' },
  // only of a node that lets such an id in; the page must show it as it is
  { id: '<i>cs7</i>', via: 'lc2', protocol: 'ocpp2.1', vendorName: '<script>alert(1)</script>', model: '&amp;' },
] as const

const NODES = [
  { id: 'csms', role: 'csms', path: [] },
  { id: 'grid-operator', role: 'grid-operator', path: [] },
  { id: 'gateway', role: 'gateway', path: ['gateway'] },
  { id: 'lc1', role: 'local-controller', path: ['gateway', 'lc1'] },
  { id: 'lc2', role: 'local-controller', path: ['gateway', 'lc2'] },
  { id: 'meter1', role: 'energy-meter', path: ['gateway', 'lc2', 'meter1'] },
] as const

const LINKS = [
  ['gateway', 'csms', 'uplink'],
  ['grid-operator', 'gateway', 'overlay'],
  ['lc1', 'gateway', 'uplink'],
  ['lc2', 'gateway', 'uplink'],
  ['lc2', 'meter1', 'overlay'],
] as const

const EVENTS = [
  {
    name: 'limit',
    title: { en: 'Grid limit', de: 'Netzgrenze' },
    description: { en: 'The grid operator caps the site at 50 kW', de: 'Der Netzbetreiber begrenzt auf 50 kW' },
  },
  {
    name: 'cut',
    title: { en: 'Cut the uplink', de: 'Uplink trennen' },
    description: { en: 'The gateway loses the back end', de: 'Das Gateway verliert das Backend' },
  },
  {
    name: 'forge',
    title: { en: 'Forged order', de: 'Gefälschter Befehl' },
    description: { en: 'A stranger sends a stop order', de: 'Ein Fremder schickt einen Stoppbefehl' },
  },
  {
    name: 'plug',
    title: { en: 'Plug in', de: 'Einstecken' },
    description: { en: 'A car starts charging', de: 'Ein Auto beginnt zu laden' },
  },
] as const

/** One journal with two histories, and the heads that prove it. */
const ALARM = {
  ...{ seq: 40, at: new Date().toISOString(), node: 'csms', kind: 'security', subject: 'gateway', rule: 'journal-split' },
  text: 'gateway has two histories',
  data: { hop: 'lc1', heads: [{ head: { node: 'gateway', seq: 7, hash: 'aa' } }, { head: { node: 'gateway', seq: 7, hash: 'bb' } }] },
}

const START = Date.now() - 25 * 60_000
const POWER: Readonly<Record<string, number>> = { cs1: 10_800, cs3: 21_300, cs5: 96_000, cs6: 148_000 }

export const fakePark = (): FakePark => {
  let steps = 0
  let cut = false
  const at = () => new Date().toISOString()
  const wave = (n: number) => 1 + 0.18 * Math.sin((steps + n * 7) / 9)

  const stations = () =>
    STATIONS.map(({ via, ...station }) => ({
      ...station,
      online: station.id !== 'cs4',
      path: ['gateway', via, station.id],
      lastSeen: at(),
    }))
  const links = () => [
    ...LINKS.map(([node, peer, kind], i) => {
      const up = !(cut && i === 0)
      return {
        node,
        peer,
        kind,
        up,
        // a node that anybody may be: its key is on no list
        ...(up && { proven: peer !== 'meter1' }),
        queued: up ? 0 : 3 + steps,
        rate: up ? 6.4 * wave(i) : 0,
        sent: 1200 + steps * (9 - i),
        received: 1100 + steps * (8 - i),
        since: new Date(START).toISOString(),
      }
    }),
    ...STATIONS.map(({ id, via }, i) => ({
      node: via,
      peer: id,
      kind: 'station',
      up: id !== 'cs4',
      queued: id === 'cs4' ? 2 : 0,
      rate: id === 'cs4' ? 0 : 0.8 * wave(i),
      sent: 90 + steps,
      received: 130 + steps,
    })),
  ]
  const running = () =>
    Object.entries(POWER).map(([stationId, watts], i) => ({
      id: `tx-${stationId}-0001`,
      stationId,
      evseId: 1,
      state: 'running',
      startedAt: new Date(START + i * 260_000).toISOString(),
      energyWh: String(Math.round((watts * (Date.now() - START - i * 260_000)) / 3_600_000)),
      powerW: Math.round(watts * wave(i)),
      idToken: 'DEADBEEF',
      signed: stationId !== 'cs1',
    }))
  const ended = () => [
    {
      id: 'tx-cs2-0007',
      stationId: 'cs2',
      evseId: 1,
      state: 'ended',
      startedAt: new Date(START - 5_400_000).toISOString(),
      endedAt: new Date(START).toISOString(),
      energyWh: '14230',
      idToken: 'DEADBEEF',
      signed: true,
    },
  ]
  const journalEntry = (seq: number) =>
    seq % 5 === 0
      ? {
          seq,
          at: at(),
          node: 'lc1',
          kind: 'order-refused',
          subject: 'stranger',
          text: 'nobody of that name may limit a station',
          rule: 'limit-by-grid-operator',
          hop: 'gateway',
          toldBy: 'lc1',
        }
      : {
          seq,
          at: at(),
          node: 'lc2',
          kind: 'order-accepted',
          subject: 'grid-operator',
          text: 'SetChargingProfile for cs5',
          data: { frame: '[2,"m","SetChargingProfile",{}]', by: [{ node: 'grid-operator', role: 'grid-operator', kid: 'kid-grid' }] },
          rule: 'limit-by-grid-operator',
          previous: '',
        }

  const messages = () => {
    const station = STATIONS[steps % STATIONS.length] ?? STATIONS[0]
    const forged = steps % 17 === 0
    const base = {
      at: at(),
      id: `m-${steps}`,
      action: steps % 3 === 0 ? 'TransactionEvent' : steps % 3 === 1 ? 'MeterValues' : 'StatusNotification',
    }
    const path = [station.id, station.via, 'gateway']
    const by = (node: string) => ({ node: 'csms', signatures: [signatureOf(node), signatureOf('gateway', { countersigns: true })] })
    if (forged)
      return [
        {
          ...base,
          action: 'SetChargingProfile',
          from: 'grid-operator',
          to: station.id,
          type: 'error',
          path: ['grid-operator', 'gateway', station.via],
          signature: 'invalid',
          node: 'csms',
          signatures: [signatureOf('grid-operator', { state: 'invalid', flaw: 'broken', detail: '<b>not</b> what was signed' })],
          code: 'SecurityError',
          rule: 'limit-by-grid-operator',
          refusedBy: station.via,
        },
      ]
    const own = { node: 'csms', signatures: [signatureOf('csms', { state: 'own', role: undefined })] }
    const signature = station.protocol === 'ocpp1.6' ? 'absent' : steps % 11 === 0 ? 'unchecked' : 'valid'
    return [
      {
        ...base,
        ...(signature === 'absent' ? { node: 'csms', signatures: [] } : by(station.id)),
        ...{ from: station.id, to: 'csms', type: station.protocol === 'ocpp2.1' ? 'send' : 'call', path, signature },
      },
      ...(station.protocol === 'ocpp2.1'
        ? []
        : [{ ...base, from: 'csms', to: station.id, type: 'result', path: ['csms'], signature: 'valid', ...own }]),
    ]
  }

  return {
    lists: () => ({
      nodes: NODES.map((node) => ({ ...node, online: true })),
      links: links(),
      stations: stations(),
      transactions: [...ended(), ...running()],
      journal: [ALARM, ...Array.from({ length: 12 }, (_, i) => journalEntry(i + 1)).filter((entry) => !('toldBy' in entry))],
      'journal/told': [journalEntry(5), journalEntry(10)],
      ...fakeTrust(),
      routes: [...NODES.slice(2), ...stations()].map((place, i) => ({
        role: 'station',
        online: true,
        ...place,
        lastSeen: at(),
        ...(place.path.length > 1 && { learned: i % 2 ? 'announced' : 'traffic', via: 'gateway', seq: 40 + i }),
        ...(i === 3 && { expires: new Date(Date.now() + 90_000).toISOString() }),
      })),
      streams: [
        {
          ...{ peer: 'gateway', window: 262_144, underWay: 98_304, bytesPerSecond: 1_250_000, sent: 9_000_000, received: 4_000 },
          streams: [{ id: '5b1c0a52-6d1f-4a5e-8f0e-0d5d2c9b7e14', class: 'files', waiting: 65_536, credit: 950_272 }],
        },
      ],
      files: [
        {
          ...{ direction: 'out', node: 'lc2', name: 'firmware/cs-2.4.bin' },
          ...{ done: Math.min(60_000_000, 1_000_000 * (1 + steps)), total: 64_000_000 },
        },
        { direction: 'in', node: 'lc1', name: 'logs/cs-1/boot.log', done: 0, total: 20_480 },
      ],
      'streams/live': {
        streams: [
          {
            ...{ station: 'cs-1', id: 1, last: { value: String(10_800 + (steps % 7) * 25), at: at() } },
            ...{ values: 1_200 + 10 * steps, perSecond: 9.9, pending: 0 },
          },
          { station: 'cs-2', id: 4, values: 0, perSecond: 0, pending: 12 },
        ],
        readers: [
          { node: 'gateway', feed: 'periodic', waiting: 0, missed: 0, paused: false },
          { node: 'grid', feed: 'journal', waiting: 4_194_300, missed: 381, paused: true },
        ],
      },
      'firmware/roll-outs': [
        {
          ...{ id: 'spring', release: 'r1', version: '2.1.0', state: 'running', stage: 2, stages: 3 },
          counts: { installed: Math.min(5, 1 + Math.floor(steps / 10)), failed: 1, waiting: 1 },
        },
      ],
      park: { events: EVENTS.map((event) => ({ ...event, active: event.name === 'cut' && cut })) },
    }),
    step: () => {
      steps++
      return [
        ...messages().map((data) => ({ type: 'message', data })),
        ...(steps % 3 === 0
          ? [...running().map((data) => ({ type: 'transaction', data })), ...links().map((data) => ({ type: 'link', data }))]
          : []),
        ...(steps % 10 === 0 ? [{ type: 'journal', data: journalEntry(12 + steps / 10) }] : []),
      ]
    },
    run: (event) => {
      if (event === 'cut') cut = !cut
      return event === 'forge'
        ? { ok: false, message: 'refused by lc1: rule limit-by-grid-operator' }
        : { ok: true, message: `${event} has happened` }
    },
  }
}
