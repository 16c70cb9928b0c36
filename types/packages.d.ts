// Packages that ship no types: only what is used of them.
declare module 'seek-bzip' {
  const bunzip: { decode(compressed: Uint8Array): Uint8Array }
  export default bunzip
}
