// The public door of the overlay: a node, its links, and the trust it is given.
export {
  type Advertisement,
  type Announcement,
  type AttachedStation,
  REACHABILITY,
  type Statement,
  type Withdrawal,
} from './announcement.ts'
export { type AuditQuestion, type AuditReport, audit } from './audit.ts'
export { AUDIT_CODES, type AuditCode, type AuditWorld, type Finding, type JournalReport } from './audit-chain.ts'
export type { OrderPower, OrderReport, Unsaid } from './audit-power.ts'
export type { Measured } from './audit-readings.ts'
export { openedOrders } from './audit-secrets.ts'
export type { Condition } from './condition.ts'
export { carriesSignatures, foldSignatures, liftSignatures } from './custom-data.ts'
export { anycast, BROADCAST, type Destination, destinationOf, group, multicast } from './destinations.ts'
export { errorAnswer, refusalOf } from './error-answer.ts'
export { Chunker, type Content, contentId, isChunk, listText, readListOf } from './files/content.ts'
export type { ChunkSource, ContentStore, HeldContent } from './files/content-store.ts'
export type { FileFound, FileService, Sending } from './files/file-service.ts'
export type { FileEntry, FileSpace, Putting } from './files/file-space.ts'
export { judgeManifest, type Manifest, type ManifestJudgement, type SignedManifest, signManifest } from './files/manifest.ts'
export { fileNameFlaw } from './files/names.ts'
export type { ContentExchange, Progress, Transfer, Wanted } from './files/transfer.ts'
export { Findings } from './findings.ts'
export { Firewall, type FirewallParts } from './firewall.ts'
export { type FirewallRule, type FirewallSettings, RuleBook, type Ruling } from './firewall-rules.ts'
export type { AnswerEnvelope, Gatekeeper } from './gatekeeper.ts'
export { Guard, type GuardParts } from './guard.ts'
export { type HandshakeParts, type LinkEnd, type ProvenLink, proveLink } from './handshake.ts'
export { Journal, type JournalBase, type JournalEntry, type JournalParts, type JournalRow } from './journal.ts'
export type { JournalHead, SignedHead } from './journal-heads.ts'
export { type CallOptions, type Local, type NodeParts, OverlayNode } from './node.ts'
export { NodeLink, type NodeLinkOptions } from './node-link.ts'
export { type Direction, type Passage, passageOf, type Screen } from './passage.ts'
export type { Peer, PeerEvents } from './peer.ts'
export { type Admission, type Arbiter, type Facts, type Policy, PolicyBook, type Voice } from './policy.ts'
export type { Assumption } from './power-limit.ts'
export { type Decision, type Order, RoleBook, type RoleHolders, type RolePolicy, type Rule, type Signer } from './roles.ts'
export { type AnnouncedRoute, type Place, Routes } from './routes.ts'
export type { Sealing } from './sealer.ts'
export type { Sighting } from './sighting.ts'
export {
  type Claims,
  type Identity,
  type Judgement,
  judgeSignature,
  type SignatureFlaw,
  type SignatureState,
  type Subject,
  signMessage,
} from './signature.ts'
export {
  type Bearing,
  type Consequence,
  type Demand,
  SignatureBook,
  type SignaturePolicy,
  type SignatureRule,
  type SignatureRuling,
} from './signature-policy.ts'
export type { SignatureTrace } from './signature-trace.ts'
export { questionHash } from './signed-text.ts'
export { StationLink, type StationLinkOptions } from './station-link.ts'
export { type UrlSettings, urlFlaw } from './station-urls.ts'
export {
  type ByteStream,
  OPEN_STREAM,
  STREAM_CLASSES,
  type StreamClass,
  type StreamHandler,
  type StreamRequest,
  type Streams,
} from './streams/stream.ts'
export { type TrustedKey, TrustStore } from './trust.ts'
