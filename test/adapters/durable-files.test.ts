// A disk that takes a part of what it is given, as one does that fills up: nothing is taken for written that was not.
import { expect, it } from 'vitest'
import { writeWhole } from '../../src/adapters/durable-files.ts'

/** A file that takes so many bytes at a time, until it is full. */
const narrow = (most: number, room: number) => {
  const bytes: number[] = []
  const write = async (from: Uint8Array, at: number, length: number, place: number | null) => {
    const taken = Math.min(length, most, room - bytes.length)
    if (taken === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    const start = place ?? bytes.length
    for (let i = 0; i < taken; i++) bytes[start + i] = from[at + i] as number
    return { bytesWritten: taken, buffer: from }
  }
  return { bytes, file: { write } as never }
}

it('goes on where the disk stopped, in order or at a place', async () => {
  const { bytes, file } = narrow(3, 100)
  await writeWhole(file, Uint8Array.of(1, 2, 3, 4, 5, 6, 7))
  await writeWhole(file, Uint8Array.of(8, 9))
  await writeWhole(file, Uint8Array.of(10, 11, 12, 13), 1)
  expect(bytes).toEqual([1, 10, 11, 12, 13, 6, 7, 8, 9])
})

it('fails where there is no more room, though some of it was taken', async () => {
  const { file } = narrow(3, 5)
  await expect(writeWhole(file, new Uint8Array(7))).rejects.toMatchObject({ code: 'ENOSPC' })
})
