// A short name for a text, to tell a repeated message from a new one. Not cryptographic: a station that makes two of its own
// messages collide deceives nobody but itself, and it must cost little on every message.

/** 64 bits in hex behind the text's length; equal texts have equal names. */
export const fingerprint = (text: string): string => {
  let one = 0x2545f491
  let two = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    one = Math.imul(one ^ unit, 0x85ebca6b)
    two = Math.imul(two ^ unit, 0xc2b2ae35)
    // without the rotation the high bits of a character would never reach the low bits of the sum
    one = (one << 13) | (one >>> 19)
    two = (two << 17) | (two >>> 15)
  }
  return `${text.length.toString(36)}-${word(one ^ two)}${word(Math.imul(two, 0x27d4eb2f) ^ one)}`
}

const word = (sum: number): string => {
  const mixed = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d)
  return ((mixed ^ (mixed >>> 13)) >>> 0).toString(16).padStart(8, '0')
}
