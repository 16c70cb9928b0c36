// Whether the page is kept for work without a network, and what keeps it: the service worker (sw.ts).
import { useEffect, useState } from 'preact/hooks'
import { ownScript } from '../shell/own-script.ts'

/** `page`: all but what reads pictures and writes PDF; `all`: these too. */
export type Kept = 'no' | 'page' | 'all'

/** @param wanted false for a page that is there for a moment only */
export const useKept = (wanted: boolean): { readonly kept: Kept; keepAll(): Promise<void> } => {
  const [kept, setKept] = useState<Kept>('no')
  useEffect(() => {
    if (!wanted || !('serviceWorker' in navigator)) return
    // a browser may refuse (private windows, strict settings): then the page works as long as it is open
    start().then(setKept, () => setKept('no'))
  }, [wanted])
  return { kept, keepAll: async () => setKept((await tellToKeepAll()) ? 'all' : kept) }
}

const start = async (): Promise<Kept> => {
  await navigator.serviceWorker.register(ownScript('./sw.js'))
  await navigator.serviceWorker.ready
  return matchMedia('(display-mode: standalone)').matches && (await tellToKeepAll()) ? 'all' : 'page'
}

const tellToKeepAll = async (): Promise<boolean> => {
  const { active } = await navigator.serviceWorker.ready
  const { port1, port2 } = new MessageChannel()
  const answer = new Promise<boolean>((resolve) => {
    port1.onmessage = ({ data }) => resolve(data === true)
  })
  active?.postMessage('keep all', [port2])
  return active === null ? false : answer
}
