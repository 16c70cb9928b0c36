// Frames of the one other overlay implementation, docs/protocol.md §2.1: what a node reads of them and passes on, and what it writes.
import { CALL, type Envelope, ERROR, RESULT, readEnvelope, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import { readBare, writeBare } from '../../src/overlay/bare-frames.ts'
import { ORDER } from './signatures.ts'

/** The neighbour that wrote the frames. */
const PEER = 'lc9'

/** A signature object of theirs; blanks, numbers and the order of members are its writer's. */
const SIGNED = '{"status" : "Available","power":11.0,"signatures":[{"keyId":"BLR9c1","value":"MEUCIQDx","encoding":"base64"}]}'

const READ: readonly { readonly name: string; readonly frame: string }[] = [
  {
    name: 'a CALL of a station behind it, signed in its payload',
    frame: `[2,"csms",["cs-9","lc9"],"800001","StatusNotification",${SIGNED}]`,
  },
  { name: 'a path without the neighbour', frame: `[2,"csms","cs-9","800002","Heartbeat",{}]` },
  { name: 'a source route', frame: `[2,["gateway","csms"],"lc9","800003","Heartbeat",{}]` },
  { name: 'the back end by the name that it has there', frame: `[2,"CSMS",["cs-9","lc9"],"800006","Heartbeat",{}]` },
  { name: 'a CALLRESULT', frame: `[3,"csms",["cs-9","lc9"],"900001",${SIGNED}]` },
  { name: 'a CALLERROR with the path as a string', frame: `[4,"csms","lc9","900002","NotSupported","",{}]` },
  { name: 'a CALLERROR with the path as a list', frame: `[4,"csms",["lc9"],"900002","NotSupported","",{}]` },
  { name: 'a SEND', frame: `[6,"csms",["cs-9","lc9"],"800004","NotifyPeriodicEventStream",${SIGNED}]` },
]

export const bareFrameVectors = () => ({
  about: `Frames of the neighbour "${PEER}" that has no header: how they go on to a node, and what is written to it. docs/protocol.md §2.1`,
  read: READ.map(({ name, frame }) => ({ name, frame, onward: writeEnvelope(readBare(frame, PEER)) })),
  written: WRITTEN.map(({ name, envelope }) => ({ name, overlay: writeEnvelope(envelope), frame: writeBare(envelope) ?? null })),
})

const passed = (frame: string): Envelope => readEnvelope(frame)

const WRITTEN: readonly { readonly name: string; readonly envelope: Envelope }[] = [
  { name: 'an order without our signature, which ended at the policy of this node', envelope: ORDER },
  ...(
    [
      [CALL, `"800005","Reset",${SIGNED}`],
      [RESULT, `"800001",${SIGNED}`],
      [ERROR, '"800001","GenericError","no",{"at":"gateway"}'],
      [SEND, `"7","NotifyPeriodicEventStream",${SIGNED}`],
    ] as const
  ).map(([type, rest]) => ({ name: `type ${type}`, envelope: passed(`[${type},"cs-9",["csms","gateway"],${rest},{"ocpp":"ocpp2.1"}]`) })),
  {
    name: 'a CALLERROR with one hop: the path is a list all the same',
    envelope: passed('[4,"cs-9","gateway","1","GenericError","no way",{}]'),
  },
  { name: 'a CALLRESULTERROR, for which it has no frame', envelope: passed('[5,"cs-9",["csms","gateway"],"1","X","",{}]') },
]
