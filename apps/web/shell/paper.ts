// Whether the page is about to be printed. A list that draws only what is in sight must then be whole.
import { useEffect, useState } from 'preact/hooks'

/** True from `beforeprint` to `afterprint`: what is drawn for it stands on the paper. */
export const usePaper = (): boolean => {
  const [paper, setPaper] = useState(false)
  useEffect(() => {
    const [begin, end] = [() => setPaper(true), () => setPaper(false)]
    addEventListener('beforeprint', begin)
    addEventListener('afterprint', end)
    return () => {
      removeEventListener('beforeprint', begin)
      removeEventListener('afterprint', end)
    }
  }, [])
  return paper
}
