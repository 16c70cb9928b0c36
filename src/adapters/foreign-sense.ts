// What the schema of the configuration cannot say about uplinks: which of them go together, what belongs to back ends that are none of
// ours, and whom rules may name.

interface Complaint {
  /** JSON pointer into the file. */
  readonly pointer: string
  readonly text: string
}

interface Uplink {
  readonly node: string
  readonly mode?: 'overlay' | 'standard' | 'mirror'
  readonly password?: string
  readonly passPassword?: boolean
  readonly validate?: string
  readonly outbox?: number
  readonly urls?: readonly string[]
  readonly priority?: number
  readonly weight?: number
  readonly stableSeconds?: number
  readonly pingSeconds?: number
}

interface Config {
  readonly role: string
  readonly uplinks?: readonly Uplink[]
  readonly policy?: readonly { readonly role: string | readonly string[] }[]
}

/** Everything about uplinks that does not fit together. */
export const foreignSense = ({ role, uplinks = [], policy = [] }: Config): Complaint[] => {
  const linkRoles = uplinks.map(linkRole)
  const standards = linkRoles.filter((name) => name?.startsWith('uplink:'))
  const found = uplinks.flatMap((uplink, i) => {
    const texts = misplaced(uplink)
    const name = linkRoles[i]
    if (!name && uplinks.findIndex((other) => !linkRole(other) && other.node === uplink.node) < i)
      texts.push(`the uplink ${uplink.node} is there already: one entry, with "urls" for its other endpoints`)
    if (name && role !== 'gateway' && role !== 'local-controller')
      texts.push(`the mode ${uplink.mode} is for a gateway or a local-controller`)
    if (name && linkRoles.indexOf(name) < i) texts.push(`two uplinks are ${name}`)
    else if (uplink.mode === 'standard' && standards[0] !== name)
      texts.push('a station belongs to one back end: one uplink can be standard')
    return texts.map((text) => ({ pointer: `/uplinks/${i}`, text }))
  })
  const rules = policy.flatMap((rule, i) =>
    [rule.role].flat().map((name) => ({ pointer: `/policy/${i}/role`, text: `no uplink is ${name}`, role: name })),
  )
  const unknown = rules.filter((rule) => rule.role.includes(':') && !linkRoles.includes(rule.role))
  return [...found, ...unknown.map(({ pointer, text }) => ({ pointer, text }))]
}

/** The role by which rules name it. */
const linkRole = ({ node, mode = 'overlay' }: Uplink): string | undefined =>
  ({ overlay: undefined, standard: `uplink:${node}`, mirror: `mirror:${node}` })[mode]

/** Settings of links that every station shares: a foreign back end has one for each station. */
const OVERLAY_ONLY = ['urls', 'priority', 'weight', 'stableSeconds', 'pingSeconds'] as const

const misplaced = (uplink: Uplink): string[] => {
  const { mode = 'overlay', password, passPassword, validate, outbox } = uplink
  const misled = mode === 'overlay' ? [] : OVERLAY_ONLY.filter((name) => uplink[name] !== undefined)
  const texts = misled.map((name) => `"${name}" is for the mode overlay`)
  if (passPassword && mode === 'overlay') texts.push('"passPassword" is for the modes standard and mirror')
  if (passPassword && password !== undefined) texts.push('either "password" or "passPassword", not both')
  if (validate !== undefined && mode !== 'standard') texts.push('"validate" is for the mode standard')
  if (outbox !== undefined && mode !== 'mirror') texts.push('"outbox" is for the mode mirror')
  return texts
}
