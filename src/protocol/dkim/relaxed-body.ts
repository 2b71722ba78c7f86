// SPDX-License-Identifier: Apache-2.0
/**
 * The hash of a body in DKIM's relaxed canonical form, taken while the body passes by. RFC 6376 §3.4.4, §3.7. White space at
 * the end of a line and empty lines at the end of the body are held back until something follows them, so that the hash is
 * the same for any chunking.
 *
 * Known limits: line ends are CRLF. Verifiers disagree about a bare CR or LF; `hasBareLineEnd` tells, and the caller refuses.
 */
import { createHash } from 'node:crypto'

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32

/** Octets of body that are canonicalised between two calls of the hash. */
const SLICE_OCTETS = 32_768
/** Held-back line ends are written while less than this is used: a whole slice still fits behind them. */
const ROOM_OCTETS = SLICE_OCTETS
/** So many octets in canonical form are hashed where they are; fewer are gathered. */
const IN_PLACE_OCTETS = 1_024
/** Shared by all bodies: it is empty between two calls. */
const scratch = Buffer.allocUnsafe(ROOM_OCTETS + SLICE_OCTETS + 8)

export class RelaxedBodyHash {
  readonly #hash = createHash('sha256')
  #isEmpty = true
  #heldLineEnds = 0
  #holdsSpace = false
  #holdsCr = false
  #hasBareLineEnd = false

  /** Whether a CR or LF stood alone. Final after `digest`. */
  get hasBareLineEnd(): boolean {
    return this.#hasBareLineEnd
  }

  update(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length; from += SLICE_OCTETS)
      this.#canonicalise(chunk, from, Math.min(from + SLICE_OCTETS, chunk.length))
  }

  /** The `bh=` value in base64. Ends the hash. */
  digest(): string {
    if (this.#holdsCr) this.#hasBareLineEnd = true
    if (!this.#isEmpty) this.#hash.update('\r\n')
    return this.#hash.digest('base64')
  }

  #canonicalise(chunk: Uint8Array, from: number, to: number): void {
    let at = this.#holdsCr ? this.#afterHeldCr(chunk, from) : from
    let holdsSpace = this.#holdsSpace
    let lineEnds = this.#heldLineEnds
    let written = 0
    while (at < to) {
      const octet = chunk[at] as number
      if (octet === SPACE || octet === TAB) {
        holdsSpace = true
        at++
      } else if (octet === CR && at + 1 === to) {
        this.#holdsCr = true
        at++
      } else if (octet === CR && chunk[at + 1] === LF) {
        lineEnds++
        holdsSpace = false
        at += 2
      } else {
        if (octet === CR || octet === LF) this.#hasBareLineEnd = true
        if (lineEnds > 0) written = this.#writeLineEnds(lineEnds, written)
        if (holdsSpace) scratch[written++] = SPACE
        lineEnds = 0
        holdsSpace = false
        const end = endOfPlainText(chunk, at, to)
        if (end - at < IN_PLACE_OCTETS) while (at < end) scratch[written++] = chunk[at++] as number
        else {
          this.#write(scratch, 0, written)
          this.#write(chunk, at, end)
          written = 0
          at = end
        }
      }
    }
    this.#holdsSpace = holdsSpace
    this.#heldLineEnds = lineEnds
    this.#write(scratch, 0, written)
  }

  /** A CR ended the chunk before this one: its LF must come first now. */
  #afterHeldCr(chunk: Uint8Array, from: number): number {
    this.#holdsCr = false
    if (chunk[from] !== LF) {
      this.#hasBareLineEnd = true
      return from
    }
    this.#heldLineEnds++
    this.#holdsSpace = false
    return from + 1
  }

  /** Gives how much of the scratch is used then. */
  #writeLineEnds(count: number, used: number): number {
    let written = used
    for (let left = count; left > 0; left--) {
      if (written >= ROOM_OCTETS) {
        this.#write(scratch, 0, written)
        written = 0
      }
      scratch[written++] = CR
      scratch[written++] = LF
    }
    return written
  }

  #write(octets: Uint8Array, from: number, to: number): void {
    if (from === to) return
    this.#isEmpty = false
    this.#hash.update(octets.subarray(from, to))
  }
}

/** Where the octets end, from `from` on, that are in canonical form already: text with single spaces and line ends inside. */
function endOfPlainText(chunk: Uint8Array, from: number, to: number): number {
  for (let at = from + 1; ; ) {
    while (at < to && (chunk[at] as number) > SPACE) at++
    const octet = chunk[at]
    const next = octet === CR && chunk[at + 1] === LF ? at + 2 : at + 1
    if (next >= to || (octet !== SPACE && next === at + 1) || (chunk[next] as number) <= SPACE)
      return Math.min(at, to)
    at = next
  }
}
