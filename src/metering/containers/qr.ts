// Pictures with QR codes: each code is a file of its own. Several may stand in one picture. An address in a code is shown and never
// followed. docs/formats/qr.md.
import { Fault } from '../../base/fault.ts'
import type { LoadingContainer, Openers, Part, Pixels } from '../container.ts'
import type { Content } from '../content.ts'
import type { Budget } from '../limits.ts'
import { rootNameOf } from '../xml.ts'
import { type PictureKind, pictureKind } from './picture-kind.ts'

export const qr: LoadingContainer = {
  name: 'qr',
  recognise: ({ bytes, text }) => pictureKind(bytes) !== undefined || rootNameOf(text) === 'svg',
  load: async (content, budget, openers) => {
    // whoever gives no picture loads nothing for it
    const kind = pictureKind(content.bytes)
    if (kind !== undefined) (await import('./picture.ts')).checkPicture(kind, content.bytes, budget)
    const read = await reader(openers)
    const picture = await decoded(kind, content, budget)
    budget.checkTime()
    const codes = await read(picture)
    if (codes.length === 0) throw new Fault('input-unknown', 'no QR code is seen in the picture, or it is damaged')
    // a key printed as a code is named after its picture, as a key in a file is after its file
    const nameOf = (index: number): string | undefined => (codes.length === 1 ? undefined : `code[${index + 1}]`)
    const parts = codes.slice(0, MAX_CODES).map((bytes, index): Part => ({ kind: 'member', name: nameOf(index), bytes }))
    return codes.length > MAX_CODES ? [...parts, TOO_MANY] : parts
  },
}

/** What the reader of codes decodes itself stays as it is. */
const decoded = async (kind: PictureKind | undefined, content: Content, budget: Budget): Promise<Uint8Array | Pixels> => {
  if (kind === undefined) return (await import('./svg.ts')).svgPicture(content, budget)
  return kind === 'webp' ? (await import('./webp/pixels.ts')).webpPixels(content.bytes, budget) : content.bytes
}

type Reader = (picture: Uint8Array | Pixels) => Promise<Uint8Array[]>

/** A picture may show more; nobody hands out such pictures. */
const MAX_CODES = 32

const TOO_MANY: Part = {
  kind: 'missing',
  name: undefined,
  fault: new Fault('limit-exceeded', `more than ${MAX_CODES} codes in one picture; the others were not read`),
}

const reader = async ({ codeReader }: Openers): Promise<Reader> => {
  if (codeReader === undefined) throw new Fault('input-unknown', 'pictures are not read here')
  const { prepareZXingModule, readBarcodes } = await import('zxing-wasm/reader')
  // given here, so that the package never asks its own network for it
  prepareZXingModule({ overrides: await overridesOf(codeReader) })
  return async (picture) => {
    const found = await readBarcodes('data' in picture ? { ...picture, colorSpace: 'srgb' } : picture, {
      formats: ['QRCode', 'MicroQRCode', 'RMQRCode'],
      maxNumberOfSymbols: MAX_CODES + 1,
    })
    return found.filter(({ isValid }) => isValid).map(({ bytes }) => bytes.slice())
  }
}

/** One object for one program: another would start it anew. */
const PREPARED = new WeakMap<NonNullable<Openers['codeReader']>, { readonly wasmBinary: ArrayBuffer }>()

const overridesOf = async (codeReader: NonNullable<Openers['codeReader']>): Promise<{ readonly wasmBinary: ArrayBuffer }> => {
  const overrides = PREPARED.get(codeReader) ?? { wasmBinary: await codeReader() }
  PREPARED.set(codeReader, overrides)
  return overrides
}
