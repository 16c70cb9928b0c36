// The containers, in the order in which they are asked. A container is one file and one entry here.
import type { Container, LoadingContainer } from './container.ts'
import { bz2 } from './containers/bz2.ts'
import { chargeit } from './containers/chargeit.ts'
import { csv } from './containers/csv.ts'
import { ctr } from './containers/ctr.ts'
import { encoded } from './containers/encoded.ts'
import { gz } from './containers/gz.ts'
import { namingStrays } from './containers/json-strays.ts'
import { list } from './containers/list.ts'
import { livelink } from './containers/livelink.ts'
import { ocpi } from './containers/ocpi.ts'
import { ocpp } from './containers/ocpp.ts'
import { oicp } from './containers/oicp.ts'
import { pdf } from './containers/pdf.ts'
import { ptb } from './containers/ptb.ts'
import { qr } from './containers/qr.ts'
import { safeXml } from './containers/safe-xml.ts'
import { soap } from './containers/soap.ts'
import { tar } from './containers/tar.ts'
import { zip } from './containers/zip.ts'
import { type Content, firstOf } from './content.ts'

/** Told by bytes, or by bytes or text. */
const BINARY: readonly (Container | LoadingContainer)[] = [zip, gz, bz2, tar, pdf, qr]
/** By the first character of a text; one that begins otherwise is none of these. */
const JSON_TEXT: readonly Container[] = [livelink, ptb, chargeit, ctr, ocpi, oicp, ocpp]
const TEXTS: Readonly<Record<string, readonly Container[]>> = { '<': [safeXml, soap], '{': JSON_TEXT, '[': JSON_TEXT }
/** Of what none of them knows. */
const ANY_TEXT: readonly Container[] = [csv, list, encoded]

export const containerOf = (content: Content): Container | LoadingContainer | undefined => {
  const asked = (container: Container | LoadingContainer): boolean => container.recognise(content)
  const binary = BINARY.find(asked)
  if (binary) return binary
  const texts = TEXTS[firstOf(content.text ?? '')] ?? []
  const found = texts.find(asked)
  if (found !== undefined) return texts === JSON_TEXT ? namingStrays(found) : found
  return ANY_TEXT.find(asked)
}

/** A document that a place for a record may hold. No archive, no list, nothing that leads to records, and nothing whose parts are inputs of their own. */
export const documentOf = (content: Content): Container | undefined => {
  const found = TEXTS[firstOf(content.text ?? '')]?.find((container) => container.recognise(content))
  if (found === undefined || found.kind === 'link' || found === soap) return undefined
  return JSON_TEXT.includes(found) ? namingStrays(found) : found
}
