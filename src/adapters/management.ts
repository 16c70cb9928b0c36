// What a running node offers to its operators. The HTTP API stands in front of it and knows nothing else of the node.
import type { Cancel, Json } from '../base/ports.ts'
import type { Version } from '../ocpp/version.ts'
import type { FileFound, FileOnWay, Sending } from '../overlay/files/file-service.ts'
import type { FileEntry } from '../overlay/files/file-space.ts'
import type { Run } from '../overlay/files/request.ts'
import type { Progress } from '../overlay/files/transfer.ts'
import type { CommandBody, ReleaseView, RollOutDetail, RollOutView } from './http/firmware-views.ts'
import type { DeliveryView, PolicyAnswer, PolicyView } from './http/policy-views.ts'
import type { LiveView, StreamLinkView } from './http/stream-views.ts'
import type {
  CallBody,
  CallOutcome,
  ClockView,
  HeadView,
  JournalView,
  KeysView,
  LinkView,
  NodeView,
  NoteView,
  RouteView,
  StationView,
  TransactionDetailView,
  TransactionView,
} from './http/views.ts'

export type * from './http/views.ts'

export interface CallOrder {
  readonly station: string
  readonly action: string
  readonly payload: CallBody['payload']
  /** Of the payload; what the station is known to speak where not given. */
  readonly protocol?: Version
  readonly timeoutMs: number
}

/** The transparency record of a transaction, ready for `verify`. */
export interface TransactionRecord {
  /** A file name. */
  readonly name: string
  readonly contentType: string
  readonly body: string
}

export interface ManagementEvent {
  /** A word: letters, digits, `-` and `.`. */
  readonly type: string
  readonly data: Json
}

export interface VerifyInput {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface Management {
  readonly node: { readonly id: string; readonly role: string }
  /** The time that the node reads, and how far it may be wrong. */
  clock(): ClockView
  /** True once every part of the node answers. */
  ready(): boolean
  /** Rules of what keeps this node from working as it is meant to, and needs a person. */
  attention?(): readonly string[]
  nodes(): readonly NodeView[]
  stations(): readonly StationView[]
  /** Whether a station that is not among `stations` may be asked all the same: a node with an uplink is told only of what lies behind it. */
  asksUpwards?(station: string): boolean
  links(): readonly LinkView[]
  /** What runs over the links that streams ran over; a station has none. */
  streams?(): readonly StreamLinkView[]
  /** Event streams of stations, and who reads live events here. */
  live?(): LiveView
  routes(): readonly RouteView[]
  /** Asks a station. What goes wrong on the way or at the station is an outcome, not a rejection. */
  call(order: CallOrder): Promise<CallOutcome>
  transactions(station?: string): readonly TransactionView[]
  transaction(id: string): TransactionDetailView | undefined
  record(id: string): TransactionRecord | undefined
  /** Entries with `seq` above `after`, oldest first, at most `limit`. */
  journal(after: number, limit: number): readonly JournalView[]
  /** The head of this journal, signed now, and those of other nodes that are held here. Rejects with Fault `store-failed`. */
  heads(): Promise<readonly HeadView[]>
  /** What other nodes told of their journals, oldest first. */
  notes(): readonly NoteView[]
  subscribe(listener: (event: ManagementEvent) => void): Cancel
  keys(): KeysView
  /** All that this node believes of keys, in the order in which another can believe it. Absent on a node without a root. */
  keyFacts?(): Json
  /** Takes facts about keys; resolves with how many were new. Absent on a node without a root. Rejects with Fault `refused`. */
  publishKeys?(facts: readonly Json[]): Promise<number>
  /** The verdict on all inputs as one question, as JSON text. Rejects with Fault `limit-exceeded` or `queue-full` only. */
  verify(inputs: readonly VerifyInput[]): Promise<string>
  /** Prometheus text format 0.0.4. */
  metrics(): string | Promise<string>
  /** Who may ask for what here, and who must sign what. */
  readonly policy?: {
    state(): PolicyView
    /** Rejects with Fault `store-failed`. */
    put(signed: Json): Promise<PolicyAnswer>
    /** Tries a document; returns why it is none. */
    rehearse(document: Json): string | undefined
    endRehearsal(): void
    /** Brings a signed document to nodes and stations; each answers for itself. */
    deliver(nodes: readonly string[], signed: Json): Promise<readonly DeliveryView[]>
  }
  /** Releases and roll-outs; present on a back end that has files. What is refused rejects with the Fault that says why. */
  readonly firmware?: {
    releases(): Promise<readonly ReleaseView[]>
    publish(signed: Json): Promise<ReleaseView>
    putFile(id: string, file: AsyncIterable<Uint8Array>): Promise<ReleaseView>
    rollOuts(): readonly RollOutView[]
    rollOut(id: string): RollOutDetail | undefined
    start(plan: Json): Promise<RollOutView>
    command(id: string, command: CommandBody): Promise<RollOutView>
    /** Where a station may send a file to; it comes to that folder of the node's files. */
    addressFor(station: string, folder: string): Promise<string>
  }
  /** Files of this node and of others; present where the node keeps files. Each rejects as `FileService` does. */
  readonly files?: {
    onTheirWay(): readonly FileOnWay[]
    list(node: string, folder: string): Promise<readonly FileEntry[]>
    get(node: string, name: string): Promise<{ readonly file: FileFound; readonly bytes: AsyncIterable<Uint8Array> }>
    remove(node: string, name: string, onlyIfHash?: string): Promise<boolean>
    /** Begins an upload, or goes on with one: the list of chunks in, which of them are wanted out. */
    begin(list: Json): Promise<{ readonly content: string; readonly missing: readonly Run[] }>
    /** One chunk; resolves with how many are still wanted. */
    put(content: string, index: number, bytes: Uint8Array): Promise<number>
    /** Resolves when the other node has it under its name. */
    send(node: string, sending: Sending, told: (progress: Progress) => void): Promise<void>
  }
  /** Present in the park: what can be made to happen in it. */
  readonly park?: {
    events(): readonly Json[]
    run(name: string): Promise<{ readonly ok: boolean; readonly message: string }>
  }
}
