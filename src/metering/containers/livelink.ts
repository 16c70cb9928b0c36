// A charge transparency live link: a document that says where a running session can be watched. Its addresses are never fetched.
import { Fault } from '../../base/fault.ts'
import type { Container } from '../container.ts'
import { jsonOf, textAt } from '../json-document.ts'

export const livelink: Container = {
  name: 'livelink',
  kind: 'link',
  recognise: (content) => CONTEXT.test(textAt(jsonOf(content), '@context') ?? ''),
  open: () => [{ kind: 'missing', name: undefined, fault: new Fault('link-not-followed', 'a live link leads to records somewhere else') }],
}

const CONTEXT = /^https:\/\/open\.charging\.cloud\/contexts\/chargeTransparency\/live\/link\//
