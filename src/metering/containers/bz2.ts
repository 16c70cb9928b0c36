// bzip2: one file, in one or several streams that are read as one. Few hand out such files, so what unpacks them (bunzip.ts) is loaded with
// the first one.
import { hasAt } from '../../base/bytes.ts'
import type { LoadingContainer } from '../container.ts'
import { oneMember } from './gz.ts'

export const bz2: LoadingContainer = {
  name: 'bz2',
  recognise: ({ bytes }) => hasAt(bytes, MAGIC) && (bytes[3] ?? 0) >= 0x31 && (bytes[3] ?? 0) <= 0x39,
  load: async ({ bytes }, budget) => {
    const { bunzipped } = await import('./bunzip.ts')
    return [oneMember(() => bunzipped(bytes, budget))]
  },
}

const MAGIC = [0x42, 0x5a, 0x68] as const
