// One container opened in memory, and what came out of it in short.
import { nodeOpeners } from '../../../src/adapters/node-openers.ts'
import type { Container, LoadingContainer, Part } from '../../../src/metering/container.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { Budget, LIMITS, type Limits } from '../../../src/metering/limits.ts'

export const partsOf = (container: Container, bytes: Uint8Array, limits: Partial<Limits> = {}): readonly Part[] =>
  container.open(contentOf(bytes), new Budget({ ...LIMITS, ...limits }, () => 0))

export const loadedParts = (container: LoadingContainer, bytes: Uint8Array, limits: Partial<Limits> = {}): Promise<readonly Part[]> =>
  container.load(contentOf(bytes), new Budget({ ...LIMITS, ...limits }, () => 0), nodeOpeners)

/** `name=text` of a member, `name!code` of what is missing. */
export const told = (parts: readonly Part[]): string[] =>
  parts.map((part) => {
    if (part.kind === 'slot') return part.name
    return part.kind === 'missing'
      ? `${part.name ?? ''}!${part.fault.code}`
      : `${part.name ?? ''}=${Buffer.from(part.bytes).toString().slice(0, 40)}`
  })
