// The formats that have golden vectors: one file and one entry here for each.
import { alfenVectors } from './alfen.ts'
import type { FormatVectors, VectorCase } from './case.ts'
import { chargepointVectors } from './chargepoint.ts'
import { CONTAINER_VECTORS } from './containers.ts'
import { edl40SigVectors, edl40Vectors, emocVectors } from './edl40.ts'
import { isaEdl40Vectors } from './isa-edl40.ts'
import { mennekesVectors } from './mennekes.ts'
import { ocmfVectors } from './ocmf.ts'
import { pcdfVectors } from './pcdf.ts'

export const FORMAT_VECTORS: readonly FormatVectors[] = [
  ocmfVectors,
  alfenVectors,
  pcdfVectors,
  chargepointVectors,
  edl40Vectors,
  emocVectors,
  edl40SigVectors,
  isaEdl40Vectors,
  mennekesVectors,
]

/** Every case of every format and container, named `<format>/<case>`. */
export const vectorCases = (): VectorCase[] =>
  [...FORMAT_VECTORS.map(({ format, cases }) => ({ name: format, cases })), ...CONTAINER_VECTORS].flatMap(({ name, cases }) =>
    cases().map((one) => ({ ...one, name: `${name}/${one.name}` })),
  )
