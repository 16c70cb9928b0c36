// Who runs the park's keys and policies: an office with a root of its own, in the data folder, and an administrator who signs
// policies. In earnest the root lies on a machine of its own (docs/keys.md); what the nodes get of it is the same.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/adapters/clock.ts'
import { inspectPolicy } from '../../src/adapters/config.ts'
import { writeWhole } from '../../src/adapters/data-folder.ts'
import { KeyOffice } from '../../src/adapters/key-office.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { Fault } from '../../src/base/fault.ts'
import { type SignedPolicy, signPolicy } from '../../src/overlay/policy-document.ts'

/** The section `keys` of every node of the park. */
export const PARK_KEYS = { root: 'keys/root.json' } as const
const POLICY = fileURLToPath(new URL('../../examples/policies/six-roles.yaml', import.meta.url))
const ADMIN = 'admin'

/** Opens the office, or founds it; what it vouches for is said anew, because nodes obey nobody on old news. */
export const openOffice = async (dataDir: string): Promise<KeyOffice> => {
  const [root, vault] = [join(dataDir, 'operator', 'root'), join(dataDir, 'operator', 'vault')]
  const parts = { engine: nodeEngine(), clock: systemClock }
  const office = existsSync(root) ? await KeyOffice.open(root, parts) : await KeyOffice.found(root, vault, parts)
  await office.revoke([], '')
  writeWhole(join(dataDir, PARK_KEYS.root), JSON.stringify(office.facts), 0o644)
  return office
}

/** The park's policy under a version, signed by its administrator; `floor` is what the grid operator may dim to. */
export const signedPolicy = (dataDir: string, version: number, floor = '4.2 kW'): SignedPolicy => {
  const { value } = inspectPolicy(POLICY)
  if (!value) throw new Fault('config-invalid', `${POLICY} is no policy`)
  const policy = JSON.parse(JSON.stringify({ ...value, version }).replaceAll('"4.2 kW"', JSON.stringify(floor))) as typeof value
  return signPolicy(policy, loadIdentity(dataDir, ADMIN, nodeEngine()), Math.floor(Date.now() / 1000))
}
