// `chargeproof verify --pdf`: the verdict on one page of paper, with what was judged attached.
import { writeFileSync } from 'node:fs'
import { software } from '../../src/adapters/software.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import type { Verdict } from '../../src/transparency/index.ts'
import type { Io } from './ask.ts'
import type { AskOptions } from './asker.ts'
import { inputsAt } from './verify-files.ts'

/** @throws Fault `store-failed` where the file cannot be written */
export const writeReport = async (
  file: string,
  verdict: Verdict,
  { paths, key, lang }: Pick<AskOptions, 'key' | 'lang'> & { readonly paths: readonly string[] },
  io: Pick<Io, 'stdin'>,
): Promise<void> => {
  // loaded here, so that no other verdict waits for it
  const { pdfReport } = await import('../../src/report/report.ts')
  const given = inputsAt([...paths, ...key], io.stdin)
  const inputs = await Promise.all(
    given.map(async ({ name, bytes }) => ({
      name,
      bytes: typeof bytes === 'function' ? await bytes().catch(() => new Uint8Array()) : bytes,
    })),
  )
  const pdf = await pdfReport(verdict, { language: lang, software: software(), at: Date.now(), inputs })
  try {
    writeFileSync(file, pdf)
  } catch (thrown) {
    throw new Fault('store-failed', `the report ${file} cannot be written: ${asFault(thrown).message}`, {}, thrown)
  }
}
