// Who makes the records of which family.
import type { Family, Maker } from '../said.ts'
import { bsmMaker } from './bsm.ts'
import { chargepointMaker } from './chargepoint.ts'
import { edlMaker, emocMaker } from './edl.ts'
import { isaMaker } from './isa.ts'
import { alfenMaker, ocmfMaker, pcdfMaker } from './lines.ts'

export const MAKERS: Readonly<Record<Family, Maker>> = {
  ocmf: ocmfMaker,
  alfen: alfenMaker,
  edl: edlMaker,
  emoc: emocMaker,
  isa: isaMaker,
  bsm: bsmMaker,
  chargepoint: chargepointMaker,
  pcdf: pcdfMaker,
}
