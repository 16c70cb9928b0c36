// Containers that are documents in XML or JSON, in the order in which they are asked: told by a text's first character, and then by their own.
import { comparingBills } from './bills.ts'
import type { Container } from './container.ts'
import { chargeit } from './containers/chargeit.ts'
import { ctr } from './containers/ctr.ts'
import { namingStrays } from './containers/json-strays.ts'
import { livelink } from './containers/livelink.ts'
import { ocpi } from './containers/ocpi.ts'
import { ocpp } from './containers/ocpp.ts'
import { oicp } from './containers/oicp.ts'
import { ptb } from './containers/ptb.ts'
import { safeXml } from './containers/safe-xml.ts'
import { soap } from './containers/soap.ts'
import { type Content, firstOf } from './content.ts'

const JSON_TEXT: readonly Container[] = [livelink, ptb, chargeit, ctr, ocpi, oicp, ocpp]
/** By the first character; a text that begins otherwise is none of these. */
const TEXTS: Readonly<Record<string, readonly Container[]>> = { '<': [safeXml, soap], '{': JSON_TEXT, '[': JSON_TEXT }

export const textContainerOf = (content: Content): Container | undefined => {
  const found = TEXTS[firstOf(content.text ?? '')]?.find((container) => container.recognise(content))
  return found !== undefined && JSON_TEXT.includes(found) ? namingStrays(comparingBills(found)) : found
}

/** A document that a place for a record may hold. No archive, no list, nothing that leads to records, and nothing whose parts are inputs of their own. */
export const documentOf = (content: Content): Container | undefined => {
  const found = textContainerOf(content)
  return found?.kind === 'link' || found === soap ? undefined : found
}
