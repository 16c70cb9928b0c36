// `chargeproof policy check|sign|show FILE`: says what is wrong with a policy, signs it for the network, and tells what it says.
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { inspectPolicy } from '../../src/adapters/config.ts'
import { importSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import type { PolicyFile } from '../../src/adapters/policy-file.ts'
import { pem } from '../../src/adapters/world.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import { readProtected } from '../../src/crypto/jws.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { type SignedPolicy, signPolicy } from '../../src/overlay/policy-document.ts'
import type { Demand } from '../../src/overlay/signature-policy.ts'

export const policyCommand = (program: Command): void => {
  const policy = program.command('policy').description('policies: who may ask for what, and who must sign what (docs/policies.md)')
  policy
    .command('check')
    .description('say what is wrong with policies, by line')
    .argument('<file...>', 'files such as examples/policies/six-roles.yaml')
    .action((paths: string[]) => {
      for (const path of paths) {
        const { complaints, value } = inspectPolicy(path)
        for (const { line, text } of complaints) console.log(`${path}:${line}: ${text}`)
        if (complaints.length === 0 && value) console.log(`${path}: fine, ${title(value)}`)
        else process.exitCode = 1
      }
    })
  policy
    .command('sign')
    .description('write the signed form of a policy to standard output')
    .argument('<file>', 'a policy, YAML')
    .requiredOption('--key <pem>', 'the private key of a policy administrator')
    .action((path: string, { key }: { key: string }) => console.log(JSON.stringify(signed(usable(path), key))))
  policy
    .command('show')
    .description('tell what a policy says, signed or not')
    .argument('<file>', 'a policy, YAML, or its signed form')
    .action((path: string) => {
      const { policy: shown, signatures } = readEither(path)
      console.log([title(shown), ...signatures.map(signature), ...lines(shown)].join('\n'))
    })
}

const usable = (path: string): PolicyFile => {
  const { complaints, value } = inspectPolicy(path)
  const [first] = complaints
  if (first || !value) throw new Fault('config-invalid', `${path}:${first?.line ?? 1}: ${first?.text ?? 'is no policy'}`, { file: path })
  return value
}

const signed = (policy: PolicyFile, keyFile: string): SignedPolicy => {
  const engine = nodeEngine()
  const signer = importSigner(pem(keyFile))
  return signPolicy(policy, { node: '', kid: thumbprint(signer.publicKey, engine), signer }, Math.floor(Date.now() / 1000))
}

/** The signed form is JSON with two members; everything else is read as a policy itself. */
const readEither = (path: string): { policy: PolicyFile; signatures: SignedPolicy['signatures'] } => {
  let read: unknown
  try {
    read = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // not the signed form; what is wrong with it otherwise is told by line
    return { policy: usable(path), signatures: [] }
  }
  const { policy, signatures } = read as Partial<SignedPolicy>
  return policy && signatures ? { policy: policy as PolicyFile, signatures } : { policy: usable(path), signatures: [] }
}

const title = ({ id, version, nodes, rehearsal, rules, signatures = [] }: PolicyFile): string =>
  `${id}, version ${version}, for ${nodes.join(', ')}: ${rules.length} rules, ${signatures.length} demands for signatures${rehearsal ? '; only to be tried' : ''}`

/** What it says of itself: whether it fits is for the nodes, which know the administrators. */
const signature = (each: SignedPolicy['signatures'][number]): string => {
  try {
    const { kid, iat } = readProtected(each)
    return `signed, not checked here: key ${String(kid)}, ${new Date(Number(iat) * 1000).toISOString()}`
  } catch (error) {
    return `a signature that cannot be read: ${asFault(error).message}`
  }
}

const lines = ({ rules, signatures = [], unsigned = 'pass' }: PolicyFile): string[] => [
  ...signatures
    .toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0) || (a.id < b.id ? -1 : 1))
    .map(
      ({ id, actions, signed: demand, at = 'end', otherwise = 'reject' }) =>
        `sign  ${id}: ${actions.join(', ')} by ${demandText(demand)}, at ${[at].flat().join(', ')}, otherwise ${otherwise}`,
    ),
  `sign  default: what nobody signed ${unsigned === 'pass' ? 'goes on; of orders the rules below decide' : `is a ${unsigned}`}`,
  ...rules.map(
    ({ id, role, actions, where = [] }) =>
      `allow ${id}: ${[role].flat().join(', ')} ${actions.join(', ')}${where.length > 0 ? `, where ${where.map(({ pointer }) => pointer || 'it').join(', ')} fits` : ''}`,
  ),
  'allow nothing else',
]

const demandText = (demand: Demand): string => {
  if ('all' in demand) return `all of ${demand.all.join(', ')}`
  return 'any' in demand ? `any of ${demand.any.join(', ')}` : `${demand.of} of ${demand.by.join(', ')}`
}
