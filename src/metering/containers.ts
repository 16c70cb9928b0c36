// The containers, in the order in which they are asked. A container is one file and one entry here.
import type { Container, LoadingContainer } from './container.ts'
import { bz2 } from './containers/bz2.ts'
import { chargeit } from './containers/chargeit.ts'
import { ctr } from './containers/ctr.ts'
import { gz } from './containers/gz.ts'
import { livelink } from './containers/livelink.ts'
import { ocpi } from './containers/ocpi.ts'
import { ocpp } from './containers/ocpp.ts'
import { pdf } from './containers/pdf.ts'
import { ptb } from './containers/ptb.ts'
import { qr } from './containers/qr.ts'
import { safeXml } from './containers/safe-xml.ts'
import { tar } from './containers/tar.ts'
import { zip } from './containers/zip.ts'
import type { Content } from './content.ts'

const CONTAINERS: readonly (Container | LoadingContainer)[] = [
  ...[zip, gz, bz2, tar, pdf, qr],
  ...[safeXml, livelink, ptb, chargeit, ctr, ocpi, ocpp],
]

export const containerOf = (content: Content): Container | LoadingContainer | undefined =>
  CONTAINERS.find((container) => container.recognise(content))
