// How a node asks a station or another node: signs, signs again where a judge without a clock wants that, and follows up on what was
// never answered.
import { asFault, type Fault } from '../base/fault.ts'
import { type Envelope, ERROR, type Payload, payloadOf } from '../ocpp/frame.ts'
import { askChallenged, type Challenge } from '../overlay/challenge.ts'
import { isUnknown, refusalOf } from '../overlay/error-answer.ts'
import type { Guard } from '../overlay/guard.ts'
import type { Journal } from '../overlay/journal.ts'
import type { OverlayNode } from '../overlay/node.ts'
import { Inquiries } from './inquiries.ts'
import type { AskOptions, NetworkParts } from './network-settings.ts'

export interface AskingParts extends Pick<NetworkParts, 'store' | 'clock' | 'secrecy'> {
  readonly overlay: OverlayNode
  readonly guard: Guard
  readonly journal: Journal
  readonly failed: (error: unknown) => void
}

export class Asking {
  /** Orders of this node whose answer was lost. */
  readonly inquiries: Inquiries
  readonly #parts: AskingParts

  constructor(parts: AskingParts) {
    this.#parts = parts
    const { overlay, guard, failed } = parts
    this.inquiries = new Inquiries({
      ...parts,
      ask: (station, { action, payload, ocpp }) =>
        overlay.ask(guard.sealCall(overlay.compose(station, action, payloadOf(payload), { ocpp }))),
      failed: (fault: Fault) => failed(fault),
    })
  }

  /** As `NetworkNode.ask`. */
  async ask(destination: string, action: string, payload: Payload, options: AskOptions): Promise<{ question: Envelope; answer: Envelope }> {
    const { overlay, guard, secrecy } = this.#parts
    const sealed = async (challenge?: Challenge): Promise<Envelope> => {
      const composed = overlay.compose(destination, action, payload, options)
      const bare = (await secrecy?.hide(composed)) ?? composed
      return options.sealing === false ? bare : guard.sealCall(bare, { ...options.sealing, ...(challenge && { challenge }) })
    }
    const question = await sealed()
    try {
      const asked = await askChallenged(question, (each) => this.#answered(each), sealed)
      if (guard.leavesOpen(asked.question, asked.answer)) await this.#lost(asked.question, refusalOf(asked.answer).fault ?? '')
      await secrecy?.open(asked.answer, asked.question)
      return asked
    } catch (error) {
      const fault = asFault(error)
      if (isUnknown(fault)) await this.#lost(question, fault.code)
      throw fault
    }
  }

  /** An error comes opened: its signatures were judged as it came, and whoever asked goes by what it says. */
  async #answered(question: Envelope): Promise<Envelope> {
    const { overlay, secrecy } = this.#parts
    const answer = await overlay.ask(question)
    return answer.message.type === ERROR ? ((await secrecy?.open(answer, question)) ?? answer) : answer
  }

  async #lost(question: Envelope, reason: string): Promise<void> {
    // who asked hears of the loss in any case, with a full disk too
    await this.inquiries.lost(this.#parts.guard.plain(question), reason).catch(this.#parts.failed)
  }
}
