// vectors/overlay/streams.json, read by the readers and by a reader that shares no code with them.
import { createDecipheriv } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core'
import { describe, expect, it } from 'vitest'
import { checkAttachment, readMessageFrame } from '../../../src/overlay/attachments.ts'
import { readStreamFrame } from '../../../src/overlay/streams/frame.ts'
import { readOpenAnswer, readOpenRequest } from '../../../src/overlay/streams/open-request.ts'
import { engine } from '../support.ts'

const vectors = JSON.parse(readFileSync('vectors/overlay/streams.json', 'utf8'))
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const TYPES: { readonly [name: string]: number } = { data: 1, credit: 2, reset: 3, fin: 4, 'link-credit': 5 }

describe('streams.json', () => {
  it.each(vectors.frames as { name: string; frame: string }[])('$name has the layout of the page, and is read', (vector) => {
    const { name, frame, ...members } = vector as Record<string, string>
    const view = Buffer.from(frame as string, 'hex')
    const kind = (name as string).split(' ')[0] as string
    expect([view[0], view[1]]).toEqual([1, TYPES[kind]])
    const { offset, taken, limit } = members as unknown as Record<string, number>
    expect(Number(view.readBigUInt64BE(18))).toBe(offset ?? taken ?? 0)
    if (limit !== undefined) expect(Number(view.readBigUInt64BE(26))).toBe(limit)
    if (members.id) expect(view.subarray(2, 18).toString('hex')).toBe(members.id.replaceAll('-', ''))
    if (members.chunk) expect(view.subarray(26).toString('hex')).toBe(members.chunk)
    if (members.code) expect(view.subarray(26).toString()).toBe(`${members.code} ${members.message}`)
    const { chunk: _, code, message, ...plain } = members
    expect(readStreamFrame(view)).toMatchObject(code ? { fault: { code, message } } : plain)
  })

  it.each(vectors.refused as { name: string; frame: string; code: string }[])('$name is refused', ({ frame, code }) => {
    expect(() => readStreamFrame(bytes(frame))).toThrowError(expect.objectContaining({ code }))
  })

  it.each(vectors.messages as { type: number; text: string; attachment: string; frame: string }[])(
    'a message of type $type is the text and the bytes',
    ({ type, text, attachment, frame }) => {
      const view = Buffer.from(frame, 'hex')
      const length = view.readUInt32BE(2)
      expect([view[0], view[1], view.subarray(6, 6 + length).toString()]).toEqual([1, type, text])
      expect(view.subarray(6 + length).toString('hex')).toBe(attachment)
      checkAttachment(readMessageFrame(bytes(frame)).message, engine)
    },
  )

  it('the CALL that opens, and its answer, are read', () => {
    expect(readOpenRequest(vectors.open.asked.payload)).toMatchObject({ received: 0, resume: false })
    expect(readOpenRequest(vectors.open.again.payload)).toMatchObject({ received: 4096, resume: true })
    expect(readOpenAnswer(vectors.open.answered)).toEqual({ received: 0, details: {} })
  })

  it('a sealed record opens with the keys that the shares make', async () => {
    const { entropy, share, info, asked } = vectors.sealed
    const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
    const recipientKey = await suite.kem.deriveKeyPair(bytes(entropy.asked).buffer as ArrayBuffer)
    const enc = new Uint8Array(Buffer.from(share.answered, 'base64url')).buffer
    const context = await suite.createRecipientContext({ recipientKey, enc, info: new TextEncoder().encode(info).buffer })
    const key = Buffer.from(await context.export(new TextEncoder().encode('asked').buffer, 32))
    for (const [number, { text, record }] of (asked as { text: string; record: string }[]).entries()) {
      const sealed = bytes(record).subarray(2)
      expect(Buffer.from(record, 'hex').readUInt16BE()).toBe(sealed.length)
      const nonce = Buffer.alloc(12)
      nonce.writeBigUInt64BE(BigInt(number), 4)
      const cipher = createDecipheriv('aes-256-gcm', key, nonce)
      cipher.setAuthTag(sealed.subarray(-16))
      expect(Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]).toString()).toBe(text)
    }
  })
})
