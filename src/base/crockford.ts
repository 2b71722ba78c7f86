// SPDX-License-Identifier: Apache-2.0
/** Crockford's base 32: no I, L, O, U; case may be folded by whoever carries it. */

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const UPPER = Buffer.from(ALPHABET)
const LOWER = Buffer.from(ALPHABET.toLowerCase())

const FOREIGN = 255

/** By character code, up to the last letter. */
const values = new Uint8Array(128).fill(FOREIGN)
for (const [value, letter] of [...ALPHABET].entries()) setValue(letter, value)
for (const [seen, meant] of [
  ['O', 0],
  ['I', 1],
  ['L', 1],
] as const)
  setValue(seen, meant)

function setValue(letter: string, value: number): void {
  values[letter.charCodeAt(0)] = value
  values[letter.toLowerCase().charCodeAt(0)] = value
}

/** `ceil(octets · 8 / 5)` characters; the last one is padded with zero bits. */
export function encodeCrockford(octets: Uint8Array): string {
  return encoded(octets, UPPER)
}

/** The same in lower case. */
export function encodeFoldedCrockford(octets: Uint8Array): string {
  return encoded(octets, LOWER)
}

function encoded(octets: Uint8Array, alphabet: Uint8Array): string {
  const characters = Buffer.allocUnsafe(Math.ceil((octets.length * 8) / 5))
  let at = 0
  let bits = 0
  let held = 0
  for (let index = 0; index < octets.length; index++) {
    held = (held << 8) | (octets[index] as number)
    bits += 8
    while (bits >= 5) {
      bits -= 5
      characters[at++] = alphabet[(held >>> bits) & 31] as number
    }
    held &= (1 << bits) - 1
  }
  if (bits > 0) characters[at] = alphabet[(held << (5 - bits)) & 31] as number
  return characters.toString('latin1')
}

/** The number that the first characters are, most significant first; `null` where one is foreign. At most ten: below 2^53. */
export function crockfordNumber(text: string, characters: number): number | null {
  let number = 0
  for (let index = 0; index < characters; index++) {
    const value = values[text.charCodeAt(index)] ?? FOREIGN
    if (value === FOREIGN) return null
    number = number * 32 + value
  }
  return number
}

/** The octets, or `null` where a character is foreign or the padding is not zero. */
export function decodeCrockford(text: string): Buffer | null {
  const octets = Buffer.allocUnsafe(Math.floor((text.length * 5) / 8))
  let bits = 0
  let held = 0
  let at = 0
  for (let index = 0; index < text.length; index++) {
    const value = values[text.charCodeAt(index)] ?? FOREIGN
    if (value === FOREIGN) return null
    held = (held << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      octets[at++] = (held >>> bits) & 255
      held &= (1 << bits) - 1
    }
  }
  return held === 0 && bits < 5 ? octets : null
}
