// A small record in a link: packed (pack.ts), as base64url behind `#data=`. What stands behind # is never sent to a server. A link that is opened is
// an archive like any other: the limits of archives hold for what is in it.
import { base64url, unbase64url } from '../../../src/base/bytes.ts'
import { asFault } from '../../../src/base/fault.ts'
import type { Input } from './question.ts'

/** What is carried by a mail, a messenger and a QR code alike; behind `#data=`. */
export const LINK_LIMIT = 4096

/** `#data=…`, or undefined where it would be longer than a link may be. */
export const fragmentOf = (archive: Uint8Array): string | undefined => {
  const text = base64url(archive)
  return text.length > LINK_LIMIT ? undefined : `#data=${text}`
}

/** The archive that a link carries, `unread` where it did not come through whole; undefined where it carries none. */
export const linkedInput = (fragment: string): Input | undefined => {
  const text = new URLSearchParams(fragment.replace(/^#/, '')).get('data')
  if (text === null) return undefined
  const broken = (unread: string): Input => ({ name: NAME, bytes: new Uint8Array(), unread })
  if (text.length > LINK_LIMIT) return broken(`the link carries ${text.length} characters, the limit is ${LINK_LIMIT}`)
  try {
    return { name: NAME, bytes: unbase64url(text) }
  } catch (thrown) {
    return broken(`the link was changed on its way: ${asFault(thrown).message}`)
  }
}

const NAME = 'link.zip'
