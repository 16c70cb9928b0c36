// The formats that have golden vectors: one file and one entry here for each.
import { alfenVectors } from './alfen.ts'
import type { FormatVectors, VectorCase } from './case.ts'
import { chargepointVectors } from './chargepoint.ts'
import { ocmfVectors } from './ocmf.ts'
import { pcdfVectors } from './pcdf.ts'

export const FORMAT_VECTORS: readonly FormatVectors[] = [ocmfVectors, alfenVectors, pcdfVectors, chargepointVectors]

/** Every case of every format, named `<format>/<case>`. */
export const vectorCases = (): VectorCase[] =>
  FORMAT_VECTORS.flatMap(({ format, cases }) => cases().map((one) => ({ ...one, name: `${format}/${one.name}` })))
