// The containers, in the order in which they are asked; those that are documents are in documents.ts. A container is one file and one entry.
import type { Container, LoadingContainer } from './container.ts'
import { bz2 } from './containers/bz2.ts'
import { csv } from './containers/csv.ts'
import { encoded } from './containers/encoded.ts'
import { gz } from './containers/gz.ts'
import { list } from './containers/list.ts'
import { pdf } from './containers/pdf.ts'
import { qr } from './containers/qr.ts'
import { tar } from './containers/tar.ts'
import { zip } from './containers/zip.ts'
import type { Content } from './content.ts'
import { textContainerOf } from './documents.ts'

/** Told by bytes, or by bytes or text. */
const BINARY: readonly (Container | LoadingContainer)[] = [zip, gz, bz2, tar, pdf, qr]
/** Of what none of the documents knows. */
const ANY_TEXT: readonly Container[] = [csv, list, encoded]

export const containerOf = (content: Content): Container | LoadingContainer | undefined => {
  const asked = (container: Container | LoadingContainer): boolean => container.recognise(content)
  return BINARY.find(asked) ?? textContainerOf(content) ?? ANY_TEXT.find(asked)
}
