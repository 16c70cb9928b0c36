// The formats of meter records, in the order in which they are asked. A format is one file and one entry here.
import type { Content } from './content.ts'
import type { Format } from './format.ts'
import { ocmf } from './formats/ocmf.ts'

const FORMATS: readonly Format[] = [ocmf]

export const formatOf = (content: Content): Format | undefined => FORMATS.find((format) => format.recognise(content))
