// The containers, in the order in which they are asked. A container is one file and one entry here.
import type { Container } from './container.ts'
import { chargeit } from './containers/chargeit.ts'
import { ctr } from './containers/ctr.ts'
import { livelink } from './containers/livelink.ts'
import { ocpi } from './containers/ocpi.ts'
import { ocpp } from './containers/ocpp.ts'
import { ptb } from './containers/ptb.ts'
import { safeXml } from './containers/safe-xml.ts'
import { zip } from './containers/zip.ts'
import type { Content } from './content.ts'

const CONTAINERS: readonly Container[] = [zip, safeXml, livelink, ptb, chargeit, ctr, ocpi, ocpp]

export const containerOf = (content: Content): Container | undefined => CONTAINERS.find((container) => container.recognise(content))
