// `chargeproof keys …` in a folder of its own: what a person types, and what they read.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { vi } from 'vitest'
import { keysCommand } from '../../apps/cli/keys.ts'

export interface Desk {
  /** A path in the folder. */
  at(name: string): string
  /** What the command says. Rejects with what it complains of. */
  keys(...words: readonly string[]): Promise<string>
  close(): void
}

export const openDesk = (): Desk => {
  const folder = mkdtempSync(join(tmpdir(), 'chargeproof-keys-'))
  return { at: (name) => join(folder, name), keys: said, close: () => rmSync(folder, { recursive: true }) }
}

const said = async (...words: readonly string[]): Promise<string> => {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text))
  const program = new Command('chargeproof').exitOverride().configureOutput({ writeErr: () => undefined })
  keysCommand(program)
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) command.exitOverride()
  try {
    await program.parseAsync(['keys', ...words], { from: 'user' })
  } finally {
    log.mockRestore()
  }
  return lines.join('\n')
}
