// What a message must get past at a node: the guard with its policy, the screen of signatures, and the firewall where there is one.
// In which order they are asked is the overlay node's business.
import { Firewall } from '../overlay/firewall.ts'
import { Guard, type GuardParts } from '../overlay/guard.ts'
import type { Journal } from '../overlay/journal.ts'
import { PolicyHolder } from '../overlay/policy-holder.ts'
import { PowerKeeper } from '../overlay/power-keeper.ts'
import { SignatureScreen } from '../overlay/signature-screen.ts'
import type { NetworkParts } from './network-settings.ts'

export interface Gates {
  /** The policy in force, and the one that is only tried. */
  readonly policy: PolicyHolder
  readonly guard: Guard
  readonly firewall: Firewall | undefined
  readonly screen: SignatureScreen
  stop(): void
}

interface Surroundings {
  readonly self: string
  /** Whether this node is of that role or, with an `@` before it, group. */
  readonly isMeant: (whom: string) => boolean
  readonly journal: Journal
  /** Told when the answer to an order could not be written down. */
  readonly failed: (error: unknown) => void
  /** Told when what a gate decided could not. */
  readonly unwritten: () => void
  readonly arrived: NonNullable<GuardParts['arrived']>
}

export const makeGates = (parts: NetworkParts, { self, isMeant, journal, failed, unwritten, arrived }: Surroundings): Gates => {
  const { policy: initial, policyFlaw: check = () => 'this node takes no policies' } = parts
  const policy = new PolicyHolder({ ...parts, self, journal, initial, check, failed })
  const isMeter = (node: string): boolean => parts.trust.roleOf(node) === 'energy-meter'
  const power = new PowerKeeper({ journal, clock: parts.clock, isMeter, failed: unwritten })
  const guard = new Guard({ ...parts, policy, journal, failed, arrived, power })
  const world = { ...parts, journal, guard, failed: unwritten }
  const firewall = parts.firewall && new Firewall(parts.firewall, { ...world, self })
  const screen = new SignatureScreen({ ...world, self, isMeant, arbiter: policy, next: firewall })
  const stop = (): void => {
    firewall?.stop()
    screen.stop()
  }
  return { policy, guard, firewall, screen, stop }
}
