// The formats that have golden vectors: one file and one entry here for each.
import type { FormatVectors, VectorCase } from './case.ts'
import { ocmfVectors } from './ocmf.ts'

export const FORMAT_VECTORS: readonly FormatVectors[] = [ocmfVectors]

/** Every case of every format, named `<format>/<case>`. */
export const vectorCases = (): VectorCase[] =>
  FORMAT_VECTORS.flatMap(({ format, cases }) => cases().map((one) => ({ ...one, name: `${format}/${one.name}` })))
