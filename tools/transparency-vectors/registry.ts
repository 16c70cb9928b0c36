// The formats that have golden vectors: one file and one entry here for each.
import { alfenVectors } from './alfen.ts'
import { FILE_VECTORS } from './archive-cases.ts'
import { bsmVectors } from './bsm.ts'
import type { ContainerVectors, FormatVectors, VectorCase } from './case.ts'
import { chargeitEmhVectors } from './chargeit-emh.ts'
import { chargepointVectors } from './chargepoint.ts'
import { chargeitVectors, ctrVectors, livelinkVectors, ptbVectors } from './containers.ts'
import { edl40SigVectors, edl40Vectors, emocVectors } from './edl40.ts'
import { isaEdl40Vectors } from './isa-edl40.ts'
import { csvVectors, encodedVectors, listVectors } from './lists.ts'
import { mennekesVectors } from './mennekes.ts'
import { ocmfVectors } from './ocmf.ts'
import { ocpiVectors, ocppVectors } from './ocp.ts'
import { oicpVectors, withinVectors } from './oicp.ts'
import { pcdfVectors } from './pcdf.ts'
import { soapVectors } from './soap.ts'

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
  chargeitEmhVectors,
  bsmVectors,
]

/** Documents of text; archives, pictures and files of keys are in archive-cases.ts. */
export const CONTAINER_VECTORS: readonly ContainerVectors[] = [
  chargeitVectors,
  ptbVectors,
  ocpiVectors,
  ocppVectors,
  soapVectors,
  oicpVectors,
  ...withinVectors,
  ctrVectors,
  livelinkVectors,
  listVectors,
  csvVectors,
  encodedVectors,
]

/** Every case of every format and container, named `<format>/<case>`. */
export const vectorCases = (): readonly VectorCase[] => {
  // thousands of signatures, always the same ones
  made ??= makeAll()
  return made
}

let made: readonly VectorCase[] | undefined

const makeAll = (): VectorCase[] =>
  [
    ...FORMAT_VECTORS.map(({ format: folder, cases }) => ({ folder, cases })),
    ...[...CONTAINER_VECTORS, ...FILE_VECTORS].map(({ container: folder, cases }) => ({ folder, cases })),
  ].flatMap(({ folder, cases }) => cases().map((one) => ({ ...one, name: `${folder}/${one.name}` })))
