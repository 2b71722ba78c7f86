// SPDX-License-Identifier: Apache-2.0
/**
 * What follows DATA, up to the line with only a dot, with the stuffed dots taken out (RFC 5321 §4.5.2).
 * Only CRLF ends a line; a bare CR or LF is content that is worth complaining about (§2.3.8).
 */

const LF = 10
const CR = 13
const DOT = 46
const CR_OCTETS = Buffer.of(CR)

type State =
  | 'line-start'
  /** A dot began the line, and is not content. */
  | 'dot'
  /** The dot was followed by CR. */
  | 'dot-cr'
  | 'text'
  | 'cr'

export class DotReader {
  /** A CR or LF stood alone. */
  hasBareLineEnd = false
  #state: State = 'line-start'
  readonly #keep: (slice: Buffer) => void

  /** `keep` gets the content in slices of what was fed. */
  constructor(keep: (slice: Buffer) => void) {
    this.#keep = keep
  }

  /** How many octets of `chunk` belong to the message where it ends in it, else `null`. */
  feed(chunk: Buffer): number | null {
    let kept = 0
    let at = 0
    while (at < chunk.length) {
      switch (this.#state) {
        case 'line-start':
          if (chunk[at] === DOT) {
            this.#slice(chunk, kept, at)
            kept = ++at
            this.#state = 'dot'
          } else this.#state = 'text'
          break
        case 'dot':
          if (chunk[at] === CR) {
            kept = ++at
            this.#state = 'dot-cr'
          } else this.#state = 'text'
          break
        case 'dot-cr':
          if (chunk[at] === LF) return at + 1
          this.hasBareLineEnd = true
          this.#keep(CR_OCTETS)
          this.#state = 'text'
          break
        case 'text':
          at = this.#skipText(chunk, at)
          break
        case 'cr':
          if (chunk[at] === LF) {
            at++
            this.#state = 'line-start'
          } else {
            this.hasBareLineEnd = true
            this.#state = 'text'
          }
          break
      }
    }
    this.#slice(chunk, kept, chunk.length)
    return null
  }

  /** To just after the next CR, or to the end of the chunk. */
  #skipText(chunk: Buffer, from: number): number {
    const cr = chunk.indexOf(CR, from)
    const end = cr === -1 ? chunk.length : cr
    if (chunk.subarray(from, end).includes(LF)) this.hasBareLineEnd = true
    if (cr === -1) return end
    this.#state = 'cr'
    return cr + 1
  }

  #slice(chunk: Buffer, from: number, to: number): void {
    if (to > from) this.#keep(chunk.subarray(from, to))
  }
}
