// The containers, in the order in which they are asked. A container is one file and one entry here.
import type { Container } from './container.ts'
import { safeXml } from './containers/safe-xml.ts'
import { zip } from './containers/zip.ts'
import type { Content } from './content.ts'

const CONTAINERS: readonly Container[] = [zip, safeXml]

export const containerOf = (content: Content): Container | undefined => CONTAINERS.find((container) => container.recognise(content))
