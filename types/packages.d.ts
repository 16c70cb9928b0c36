// Packages that ship no types: only what is used of them.
declare module 'seek-bzip' {
  interface Source {
    readByte(): number
    read(into: Uint8Array, from: number, length: number): number
    seek(position: number): void
  }
  interface Target {
    writeByte(byte: number): void
    flush(): void
  }
  const bunzip: {
    decode(compressed: Uint8Array): Uint8Array
    /** One stream; the source then stands behind it. */
    decode(source: Source, target: Target): void
  }
  export default bunzip
}
