// Whether the page is kept for work without a network, and what keeps it: the service worker (sw.ts).
import { useEffect, useState } from 'preact/hooks'
import { ownScript } from '../shell/own-script.ts'

/** `page`: all but what reads pictures and writes PDF; `all`: these too. */
export type Kept = 'no' | 'page' | 'all'

/**
 * @param wanted false for a page that is there for a moment only
 * @param tag of the language that is spoken: with another one there is more to keep
 */
export const useKept = (wanted: boolean, tag: string): { readonly kept: Kept; keepAll(): Promise<void> } => {
  const [kept, setKept] = useState<Kept>('no')
  useEffect(() => {
    if (!wanted || !('serviceWorker' in navigator)) return
    const all = matchMedia('(display-mode: standalone)').matches
    start()
      .then(() => tell(all ? 'all' : loaded()))
      .then((done) => setKept((before) => (!done || before === 'all' ? before : all ? 'all' : 'page')))
      // a browser may refuse (private windows, strict settings): then the page works as long as it is open
      .catch(() => setKept('no'))
  }, [wanted, tag])
  return { kept, keepAll: async () => void ((await tell('all')) && setKept('all')) }
}

const start = async (): Promise<void> => {
  await navigator.serviceWorker.register(ownScript('./sw.js'))
  await navigator.serviceWorker.ready
}

/** Addresses of what this page has loaded, its language included. */
const loaded = (): string[] => performance.getEntriesByType('resource').map(({ name }) => name)

/** True once the service worker has kept those of them that are of its build. */
const tell = async (what: 'all' | readonly string[]): Promise<boolean> => {
  const { active } = await navigator.serviceWorker.ready
  if (active === null) return false
  const { port1, port2 } = new MessageChannel()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  port1.onmessage = ({ data }) => resolve(data === true)
  active.postMessage(what, [port2])
  return promise
}
