// Announcements, docs/protocol.md §3.3: the frames, and what the gateway of the park knows after them.
import type { Json } from '../../src/base/ports.ts'
import { type Envelope, payloadOf, readEnvelope, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import { announce, REACHABILITY, readAnnouncement } from '../../src/overlay/announcement.ts'
import { OverlayNode } from '../../src/overlay/node.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { caught } from './caught.ts'

export const announcementVectors = () => {
  const node = gateway()
  const lc1 = neighbour('lc1')
  node.attach(lc1, { role: 'node' })
  return {
    about:
      'Frames that the node "gateway" gets from its neighbour "lc1", one after the other, and the ways it knows then. docs/protocol.md §3.3',
    announcements: ANNOUNCEMENTS.map(({ name, envelope }) => {
      const frame = writeEnvelope(envelope)
      node.send(readEnvelope(frame), lc1)
      const known = node.routes
        .places()
        .map(({ id, role, protocol, online, path }) => ({ id, role, protocol: protocol ?? null, online, path }))
      return { name, frame, known }
    }),
    refused: REFUSED.map(({ name, payload }) => {
      const message = { type: SEND, id: '1', action: REACHABILITY, payload: payloadOf(payload) } as const
      return { name, payload, fault: caught(() => readAnnouncement(message)) }
    }),
  }
}

const passedOn = (envelope: Envelope, by: string): Envelope => ({ ...envelope, path: [...envelope.path, by] })

const ANNOUNCEMENTS: readonly { readonly name: string; readonly envelope: Envelope }[] = [
  {
    name: 'an uplink came up: everything that is known below',
    envelope: announce(
      { from: 'lc1', to: 'gateway', id: '1' },
      {
        online: [
          { id: 'lc1', role: 'local-controller', via: [] },
          { id: 'cs-21-a', role: 'station', protocol: 'ocpp2.1', via: [] },
        ],
        offline: [],
      },
    ),
  },
  {
    name: 'from deeper down, passed on by lc1',
    envelope: passedOn(
      announce(
        { from: 'lc1a', to: 'lc1', id: '2' },
        {
          online: [
            { id: 'lc1a', role: 'local-controller', via: [] },
            { id: 'cs-16-c', role: 'station', protocol: 'ocpp1.6', via: ['lc1b'] },
          ],
          offline: [],
        },
      ),
      'lc1',
    ),
  },
  { name: 'a station left', envelope: announce({ from: 'lc1', to: 'gateway', id: '3' }, { online: [], offline: ['cs-21-a'] }) },
]

const REFUSED: readonly { readonly name: string; readonly payload: Json }[] = [
  { name: 'online is no list', payload: { online: {}, offline: [] } },
  { name: 'a place without a way', payload: { online: [{ id: 'cs-21-a', role: 'station' }], offline: [] } },
  { name: 'an id with a colon', payload: { online: [], offline: ['cs:21'] } },
]

/** A node in which nobody listens, nothing is refused and time stands still. */
const gateway = (): OverlayNode =>
  new OverlayNode(
    { id: 'gateway', role: 'gateway' },
    {
      clock: { now: () => 0, after: () => () => undefined },
      random: { bytes: (length) => new Uint8Array(length), uuid: () => '0' },
      gatekeeper: { inspect: () => 'absent', protect: async () => undefined, sealAnswer: (_call, answer) => answer },
      local: { call: () => Promise.reject(new Error('nobody listens')) },
      flaw: (fault) => {
        throw fault
      },
    },
  )

const neighbour = (id: string): Peer => ({
  id,
  kind: 'node',
  waiting: 0,
  counters: { sent: 0, received: 0 },
  request: () => Promise.reject(new Error('nobody listens')),
  send: () => undefined,
  alive: () => Promise.resolve(true),
  close: () => undefined,
})
