// Hands the reader a file that was made in the page.

export const save = (name: string, type: string, content: string | Uint8Array<ArrayBuffer>): void => {
  const address = URL.createObjectURL(new Blob([content], { type }))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  anchor.click()
  // long enough for a browser that asks where to put it
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
