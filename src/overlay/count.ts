// What a signer says of its own messages besides each one: which of them count, how far it has come, and when it speaks next. Who
// hears it knows what is missing (docs/protocol.md §4.14); what is made of that is src/roles/arrivals.ts.

/** The member `cnt` of a protected header. Numbers of one signer to one audience rise by one and never begin again. */
export type Count = {
  /** The number of this very message, where it is one of those that are said until they are answered. */
  readonly own?: number
  /** The lowest number that nobody has answered yet; `top + 1` where all are answered. */
  readonly low: number
  /** The highest number there is so far. */
  readonly top: number
  /** Seconds after which the signer speaks again at the latest, while it is connected. */
  readonly due?: number
}

/** What a signed header says; nothing where it is no count, which is then as if it were not there. */
export const readCount = (value: unknown): Count | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { own, low, top, due } = value as { readonly [member: string]: unknown }
  if (!isNumber(low) || !isNumber(top) || low > top + 1) return undefined
  if ((own !== undefined && !(isNumber(own) && own <= top)) || (due !== undefined && !isNumber(due))) return undefined
  return { ...(own !== undefined && { own }), low, top, ...(due !== undefined && { due }) }
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
