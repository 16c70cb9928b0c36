// The containers, in the order in which they are asked. A container is one file and one entry here.
import type { Container, LoadingContainer } from './container.ts'
import { bz2 } from './containers/bz2.ts'
import { gz } from './containers/gz.ts'
import { pdf } from './containers/pdf.ts'
import { qr } from './containers/qr.ts'
import { safeXml } from './containers/safe-xml.ts'
import { tar } from './containers/tar.ts'
import { zip } from './containers/zip.ts'
import type { Content } from './content.ts'

const CONTAINERS: readonly (Container | LoadingContainer)[] = [zip, gz, bz2, tar, pdf, qr, safeXml]

export const containerOf = (content: Content): Container | LoadingContainer | undefined =>
  CONTAINERS.find((container) => container.recognise(content))
