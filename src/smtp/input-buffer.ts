// SPDX-License-Identifier: Apache-2.0
/** Octets that a peer has sent and that were not used yet. Not copied while they are used up as they come. */

const LF = 0x0a
const CR = 0x0d
const NOTHING = Buffer.alloc(0)

export class InputBuffer {
  #octets: Buffer = NOTHING
  #at = 0

  get size(): number {
    return this.#octets.length - this.#at
  }

  append(octets: Buffer): void {
    this.#octets = this.size === 0 ? octets : Buffer.concat([this.peek(), octets])
    this.#at = 0
  }

  /** All that is there; it stays there until `skip`. */
  peek(): Buffer {
    return this.#at === 0 ? this.#octets : this.#octets.subarray(this.#at)
  }

  skip(count: number): void {
    this.#at += count
  }

  /** Up to `count` octets. */
  take(count: number): Buffer {
    const taken = this.#octets.subarray(this.#at, this.#at + count)
    this.#at += taken.length
    return taken
  }

  /** A line without its CRLF; `null` where it is not there yet, `bare` where it ends in LF alone. */
  takeLine(): Buffer | 'bare' | null {
    const start = this.#at
    const end = this.#octets.indexOf(LF, start)
    if (end < 0) return null
    if (end === start || this.#octets[end - 1] !== CR) return 'bare'
    this.#at = end + 1
    return this.#octets.subarray(start, end - 1)
  }

  clear(): void {
    this.#octets = NOTHING
    this.#at = 0
  }

  /** Lets go of what was used: a few octets do not keep all that came with them. */
  compact(): void {
    if (this.#at === 0) return
    this.#octets = this.size === 0 ? NOTHING : Buffer.from(this.peek())
    this.#at = 0
  }
}
