// The floors of the house (docs/map.md): which folder stands on which floor, which packages it may use, and the proof that
// no import points up, sideways or in a circle. Type imports count. Run alone: `node tools/floors.ts`.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'

export interface Floor {
  readonly floor: number
  /** Packages its files may import; 'any' is any package of package.json, development packages included. */
  readonly packages: 'any' | readonly string[]
  /** Whether `node:` modules may be imported. */
  readonly node?: boolean
}

/** Folders named `*` stand for every folder beside them that is not named itself. */
export const FLOORS: Readonly<Record<string, Floor>> = {
  'src/base': { floor: 0, packages: [] },
  'src/crypto': { floor: 1, packages: ['@hpke/core', '@noble/curves', '@noble/hashes', '@noble/post-quantum'] },
  'src/ocpp': { floor: 1, packages: ['typed-ocpp', 'ajv', 'ajv-formats'] },
  'src/metering': { floor: 2, packages: ['fflate', 'saxes', 'seek-bzip', 'zxing-wasm'] },
  'src/commerce': { floor: 2, packages: [] },
  'src/tokens': { floor: 2, packages: ['@noble/curves', '@noble/hashes'] },
  'src/transparency': { floor: 3, packages: [] },
  'src/overlay': { floor: 3, packages: [] },
  'src/registry': { floor: 3, packages: [] },
  'src/report': { floor: 4, packages: ['@cantoo/pdf-lib'] },
  // the types of payloads; their schemas are looked up through src/ocpp
  'src/roles': { floor: 4, packages: ['typed-ocpp'] },
  'src/adapters': {
    floor: 5,
    packages: [
      '@fastify/static',
      '@fastify/swagger',
      '@peculiar/x509',
      '@sinclair/typebox',
      'ajv',
      'fastify',
      'pino',
      'prom-client',
      'reflect-metadata',
      'vite',
      'ws',
      'yaml',
    ],
    node: true,
  },
  'apps/*': { floor: 6, packages: ['@picocss/pico', 'commander', 'fflate', 'preact', 'vite', 'ws', 'zxing-wasm'], node: true },
  // the command line composes the other apps
  'apps/cli': { floor: 7, packages: ['commander'], node: true },
  tools: { floor: 8, packages: 'any', node: true },
  bench: { floor: 8, packages: 'any', node: true },
  test: { floor: 9, packages: 'any', node: true },
}

export interface FloorReport {
  readonly files: number
  readonly imports: number
  /** One sentence for each broken rule, beginning with the file. */
  readonly faults: readonly string[]
}

/** Checks every .ts and .tsx file below the given folder against the table, and package.json there for what may be imported at all. */
export const checkFloors = (root: string, floors: Readonly<Record<string, Floor>> = FLOORS): FloorReport => {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const files = globSync('{src,apps,tools,bench,test}/**/*.{ts,tsx}', {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  })
  const house: House = { root, floors, manifest, graph: new Map(), faults: [] }
  let imports = 0
  for (const file of files.map((name) => name.replaceAll('\\', '/')).sort()) imports += checkFile(house, file)
  house.faults.push(...cycles(house.graph).map((cycle) => `${cycle[0]}: imports itself in a circle: ${cycle.join(' -> ')}`))
  return { files: files.length, imports, faults: house.faults }
}

interface Manifest {
  readonly name?: string
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

interface House {
  readonly root: string
  readonly floors: Readonly<Record<string, Floor>>
  readonly manifest: Manifest
  /** File -> the files of the house that it imports. */
  readonly graph: Map<string, string[]>
  readonly faults: string[]
}

const checkFile = (house: House, file: string): number => {
  const own = folderOf(house.floors, file)
  const targets: string[] = []
  house.graph.set(file, targets)
  if (own === undefined) {
    house.faults.push(`${file}: stands on no floor; name its folder in tools/floors.ts`)
    return 0
  }
  const { importedFiles } = ts.preProcessFile(readFileSync(join(house.root, file), 'utf8'), true, true)
  for (const { fileName } of importedFiles) {
    const target = fileOf(house.manifest, file, fileName)
    const fault = target === undefined ? packageFault(house, { file, own, name: fileName }) : fileFault(house, { file, own, target })
    if (fault !== undefined) house.faults.push(`${file}: ${fault}`)
    else if (target !== undefined) targets.push(target)
  }
  return importedFiles.length
}

/** The key of the table that a path falls under; the longest name wins over a star. */
const folderOf = (floors: Readonly<Record<string, Floor>>, file: string): string | undefined => {
  const [first, second, rest] = file.split('/')
  if (first === undefined) return undefined
  return [`${first}/${second}`, ...(rest === undefined ? [] : [`${first}/*`]), first].find((name) => name in floors)
}

/** The path that a relative import, or one of our own public doors, leads to; undefined for a package. */
const fileOf = (manifest: Manifest, from: string, name: string): string | undefined => {
  const bare = name.replace(/\?.*$/, '')
  if (bare.startsWith('.')) return posix.normalize(posix.join(posix.dirname(from), bare))
  if (manifest.name === undefined || !bare.startsWith(`${manifest.name}/`)) return undefined
  const door = manifest.exports?.[`.${bare.slice(manifest.name.length)}`]
  return door === undefined ? bare : posix.normalize(door)
}

const fileFault = ({ root, floors }: House, { file, own, target }: { file: string; own: string; target: string }): string | undefined => {
  if (!existsSync(join(root, target))) return `imports ${target}, which is not there`
  const other = folderOf(floors, target)
  if (other === undefined) return target.startsWith('../') ? `imports ${target}, outside the house` : undefined
  // `apps/*` is many folders under one name
  if (other === own && target.split('/')[1] === file.split('/')[1]) return undefined
  if (other === own && !own.includes('*')) return undefined
  const [here, there] = [floors[own]?.floor ?? 0, floors[other]?.floor ?? 0]
  if (there < here) return undefined
  return `imports ${target}, which is ${there === here ? 'beside it on floor' : `up on floor`} ${there} (own floor: ${here})`
}

const packageFault = (
  { floors, manifest }: House,
  { file, own, name }: { file: string; own: string; name: string },
): string | undefined => {
  const floor = floors[own]
  if (name.startsWith('node:')) return floor?.node === true ? undefined : `imports ${name}; floor ${floor?.floor} knows no Node`
  const wanted = name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
  const shipped = file.startsWith('src/') || file.startsWith('apps/')
  if (!(wanted in { ...manifest.dependencies, ...(shipped ? {} : manifest.devDependencies) })) {
    return `imports ${wanted}, which is not in package.json${shipped ? ' under dependencies' : ''}`
  }
  if (floor?.packages === 'any' || floor?.packages.includes(wanted)) return undefined
  return `imports ${wanted}, which ${own} may not use (tools/floors.ts)`
}

/** One circle for each place where the graph has any, each as the list of files from one back to itself. */
const cycles = (graph: ReadonlyMap<string, readonly string[]>): string[][] => {
  const found: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): void => {
    if (done.has(file)) return
    const at = path.indexOf(file)
    if (at >= 0) {
      found.push([...path.slice(at), file])
      return
    }
    path.push(file)
    for (const next of graph.get(file) ?? []) visit(next)
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return found
}

if (import.meta.main) {
  const { files, imports, faults } = checkFloors(process.cwd())
  console.log(faults.length === 0 ? `${files} files, ${imports} imports, none points up, sideways or in a circle` : faults.join('\n'))
  process.exitCode = faults.length === 0 ? 0 : 1
}
