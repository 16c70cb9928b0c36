// Where a command may write its reports: never over what it judges, and no two into one file. What stands in a report is not known here.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { AskOptions } from './asker.ts'
import { filesIn } from './verify-files.ts'

/** Ends as wrong usage, before anything is written, where a report would be written over a file that is read, or over another report. */
export const guardReports = (command: Command, reports: readonly (string | undefined)[], { paths, key, trust }: Read): void => {
  const wanted = reports.filter((path) => path !== undefined)
  if (new Set(wanted.map((path) => resolve(path))).size < wanted.length) command.error('error: each report needs a file of its own')
  const there = new Map(wanted.flatMap((path) => identityOf(path).map((identity) => [identity, path])))
  if (there.size === 0) return
  for (const path of [...paths, ...key, ...(trust === undefined ? [] : [trust])])
    for (const { name } of path === '-' ? [] : filesIn(path))
      for (const report of identityOf(name).map((identity) => there.get(identity)))
        if (report !== undefined) command.error(`error: ${report} is read for this, and would be lost; write the report elsewhere`)
}

type Read = Pick<AskOptions, 'key' | 'trust'> & { readonly paths: readonly string[] }

/** The same for every name of a file; none where there is no file that could be lost. */
const identityOf = (path: string): string[] => {
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() ? [`${found.dev} ${found.ino}`] : []
}
