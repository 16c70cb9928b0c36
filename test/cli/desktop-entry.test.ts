import { describe, expect, it } from 'vitest'
import { entryFor } from '../../apps/cli/desktop-entry.ts'

const ENTRY = '[Desktop Entry]\nName=Chargeproof\nExec=chargeproof open %F\nTerminal=false\n'
const exec = (...program: string[]) => /^Exec=(.*)$/m.exec(entryFor(ENTRY, program))?.[1]

/** What a desktop makes of it: the string's escapes first, then the quoting (Desktop Entry Specification, Exec). */
const read = (line: string): string[] =>
  [...line.replace(/\\\\/g, '\\').matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? String(plain) : quoted.replace(/\\(.)/g, '$1').replaceAll('%%', '%'),
  )

describe('what a desktop starts', () => {
  it('is the program of this installation, with the files that were chosen', () => {
    expect(exec('/usr/bin/node', '/opt/it/bin/chargeproof')).toBe('"/usr/bin/node" "/opt/it/bin/chargeproof" open %F')
    expect(entryFor(ENTRY, ['/n']).replace(/^Exec=.*$/m, '')).toBe(ENTRY.replace(/^Exec=.*$/m, ''))
  })

  it('is the same program where its path has spaces and signs that mean something', () => {
    for (const path of ['/opt/Jo Doe/it', '/a"b', '/a$HOME`x`', '/a\\b', "/a'b", '/100%/F', '/ü/$&'])
      expect(read(String(exec(path)))).toEqual([path, 'open', '%F'])
  })
})
