// SPDX-License-Identifier: Apache-2.0
/**
 * Holds octets until what they belong to is complete: a header section, a line. One chunk is held as it is; from the second on
 * they are gathered in a buffer that doubles, so that single octets cost no more than linear time.
 */
import { contentLimits } from '../base/limits/limits.ts'

const EMPTY = Buffer.alloc(0)

export class GatherBuffer {
  #octets: Buffer = EMPTY
  #length = 0
  /** Whether `#octets` is ours to write into. */
  #isOwn = false

  get length(): number {
    return this.#length
  }

  /** That it keeps in memory. */
  get heldOctets(): number {
    return this.#octets.length
  }

  /** All octets so far; valid until the next call. */
  append(chunk: Uint8Array): Buffer {
    if (this.#length === 0) this.#octets = viewOf(chunk)
    else {
      this.#makeRoom(this.#length + chunk.length)
      this.#octets.set(chunk, this.#length)
    }
    this.#length += chunk.length
    return this.#octets.subarray(0, this.#length)
  }

  endsWith(octets: Uint8Array): boolean {
    return this.#octets.subarray(0, this.#length).subarray(-octets.length).equals(octets)
  }

  clear(): void {
    this.#octets = EMPTY
    this.#length = 0
    this.#isOwn = false
  }

  #makeRoom(needed: number): void {
    if (this.#isOwn && needed <= this.#octets.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(contentLimits.gatherOctets, needed * 2))
    grown.set(this.#octets.subarray(0, this.#length))
    this.#octets = grown
    this.#isOwn = true
  }
}

function viewOf(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
