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
    const out = scratch
    let written = 0
    while (at < to) {
      const octet = chunk[at++] ?? 0
      if (octet === SPACE || octet === TAB) holdsSpace = true
      else if (octet === CR && at === to) this.#holdsCr = true
      else if (octet === CR && chunk[at] === LF) {
        at++
        lineEnds++
        holdsSpace = false
      } else {
        if (octet === CR || octet === LF) this.#hasBareLineEnd = true
        if (lineEnds > 0) {
          written = this.#writeLineEnds(lineEnds, written)
          lineEnds = 0
        }
        if (holdsSpace) out[written++] = SPACE
        holdsSpace = false
        out[written++] = octet
        // A word: most octets pass through this loop.
        for (; at < to; at++) {
          const next = chunk[at] ?? 0
          if (next <= SPACE) break
          out[written++] = next
        }
      }
    }
    this.#holdsSpace = holdsSpace
    this.#heldLineEnds = lineEnds
    if (written === 0) return
    this.#isEmpty = false
    this.#hash.update(scratch.subarray(0, written))
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
        this.#isEmpty = false
        this.#hash.update(scratch.subarray(0, written))
        written = 0
      }
      scratch[written++] = CR
      scratch[written++] = LF
    }
    return written
  }
}
