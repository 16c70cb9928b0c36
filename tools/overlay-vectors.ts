// Makes the golden vectors of the overlay: vectors/overlay/<topic>.json, from which docs/protocol.md takes its examples. Same sources,
// same bytes: signatures are deterministic. `npm run vectors` compares the files, `npm run vectors -- --accept` writes them.
import { kindVectors } from './overlay-vectors/all-kinds.ts'
import { announcementVectors } from './overlay-vectors/announcements.ts'
import { bareFrameVectors } from './overlay-vectors/bare-frames.ts'
import { canonicalJsonVectors } from './overlay-vectors/canonical-json.ts'
import { challengeVectors } from './overlay-vectors/challenges.ts'
import { countVectors } from './overlay-vectors/counts.ts'
import { customDataVectors } from './overlay-vectors/custom-data.ts'
import { encryptedVectors } from './overlay-vectors/encrypted.ts'
import { errorVectors } from './overlay-vectors/errors.ts'
import { fileVectors } from './overlay-vectors/files.ts'
import { frameVectors } from './overlay-vectors/frames.ts'
import { handshakeVectors } from './overlay-vectors/handshake.ts'
import { journalHeadVectors } from './overlay-vectors/journal-heads.ts'
import { keyFactVectors } from './overlay-vectors/key-facts.ts'
import { keyVectors } from './overlay-vectors/keys.ts'
import { policyVectors } from './overlay-vectors/policies.ts'
import { replayVectors } from './overlay-vectors/replay.ts'
import { answerVectors, signatureVectors } from './overlay-vectors/signatures.ts'
import { signedActionVectors } from './overlay-vectors/signed-actions.ts'
import { streamVectors } from './overlay-vectors/streams.ts'
import { timeVectors } from './overlay-vectors/time-statements.ts'

export const FOLDER = 'vectors/overlay'

/** The text of every file, by its name. */
export const overlayVectors = async (): Promise<ReadonlyMap<string, string>> => {
  const topics = {
    keys: keyVectors(),
    handshake: await handshakeVectors(),
    frames: frameVectors(),
    'bare-frames': bareFrameVectors(),
    'canonical-json': canonicalJsonVectors(),
    signatures: signatureVectors(),
    answers: answerVectors(),
    'all-kinds': kindVectors(),
    'signed-actions': signedActionVectors(),
    'custom-data': customDataVectors(),
    replay: await replayVectors(),
    counts: countVectors(),
    announcements: announcementVectors(),
    policies: policyVectors(),
    'key-facts': await keyFactVectors(),
    errors: errorVectors(),
    challenges: await challengeVectors(),
    encrypted: await encryptedVectors(),
    files: fileVectors(),
    streams: await streamVectors(),
    'time-statements': timeVectors(),
    'journal-heads': journalHeadVectors(),
  }
  return new Map(Object.entries(topics).map(([topic, vectors]) => [`${topic}.json`, `${JSON.stringify(vectors, null, 2)}\n`]))
}
