// The place of an id at a node: whoever has it keeps it while it answers. Who may knock at all was asked before (src/adapters/admission.ts).
import type { Link } from '../base/ports.ts'
import type { Journal } from '../overlay/journal.ts'
import type { Routes } from '../overlay/routes.ts'

/** How long a live connection has to answer before a newcomer of the same id may replace it. */
const PROBE_MS = 2_000

/**
 * Attaches a newcomer where its name is free. A live connection that still answers is never pushed aside by a second one of
 * the same name: that would hand the station's place to whoever knows its id (docs/threats.md T3).
 */
export const joinAt =
  ({ routes, journal }: { routes: () => Routes; journal: Journal }) =>
  async (id: string, newcomer: Link, attach: () => void): Promise<void> => {
    // asked again after every wait: of two newcomers at once, the second meets the first
    for (let present = routes().direct(id); present; present = routes().direct(id)) {
      if (await present.alive(PROBE_MS)) {
        newcomer.close(1008, 'a live connection of that id exists')
        await journal.write({ kind: 'security', subject: id, text: 'a second connection of a live id was refused' })
        return
      }
      // silent for too long: fenced, so that nothing late of it counts
      present.close(1008, 'replaced by a new connection')
    }
    attach()
  }
