// The formats of meter records, in the order in which they are asked. A format is one file and one entry here.
import type { Content } from './content.ts'
import type { Format } from './format.ts'
import { alfen } from './formats/alfen.ts'
import { bsm } from './formats/bsm.ts'
import { chargeitEmh } from './formats/chargeit-emh.ts'
import { chargepoint } from './formats/chargepoint.ts'
import { ctr } from './formats/ctr.ts'
import { edl40 } from './formats/edl40.ts'
import { edl40Sig } from './formats/edl40-sig.ts'
import { isaEdl40 } from './formats/isa-edl40.ts'
import { mennekes } from './formats/mennekes.ts'
import { ocmf } from './formats/ocmf.ts'
import { pcdf } from './formats/pcdf.ts'

const FORMATS: readonly Format[] = [ocmf, alfen, pcdf, isaEdl40, edl40, edl40Sig, mennekes, chargepoint, chargeitEmh, bsm, ctr]

export const formatOf = (content: Content): Format | undefined => FORMATS.find((format) => format.recognise(content))

/** The format whose signatures lie in files that are named like this one. */
export const detachedFormatOf = (name: string): Format | undefined =>
  FORMATS.find(({ detached }) => detached !== undefined && name.endsWith(detached))
