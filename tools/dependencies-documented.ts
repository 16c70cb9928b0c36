// Proves that docs/dependencies.md argues every package of package.json in one row (what for, licence, alternative), that the
// licence is the one the lockfile knows, and that no row is left over.
export interface Packages {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly license?: string; readonly resolved?: string }>>
}

export const checkDependenciesDocumented = (packages: Packages, lockfile: Lockfile, document: string): string[] => {
  const rows = new Map(
    [...document.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, name = '', cells = '']) => [
      name,
      cells.split('|').map((cell) => cell.trim()),
    ]),
  )
  const names = Object.keys({ ...packages.dependencies, ...packages.devDependencies, ...packages.optionalDependencies })
  const missing = names.flatMap((name) => {
    const cells = rows.get(name)
    if (cells === undefined) return [`${name}: has no row`]
    if (cells.length !== 3 || cells.includes('')) return [`${name}: its row is not | name | what for | licence | alternative |`]
    const licence = lockfile.packages[`node_modules/${name}`]?.license
    return licence === undefined || cells[1] === licence ? [] : [`${name}: its licence is ${licence}, the row says ${cells[1]}`]
  })
  return [
    ...missing,
    ...[...rows.keys()].filter((name) => !names.includes(name)).map((name) => `${name}: has a row, but is not in package.json`),
  ]
}
