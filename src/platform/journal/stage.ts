// SPDX-License-Identifier: Apache-2.0
/** Records in memory, in order, on their way to a segment. */
import { type Lsn, lsn } from '../../events/ids.ts'
import { RECORD_HEADER_OCTETS, type RecordHeader, recordOctets, sealRecord } from './record.ts'

const SMALLEST_OCTETS = 64 * 1_024
/** A stage that grew beyond this for one large group is given back. */
const LARGEST_IDLE_OCTETS = 4 * 1_024 * 1_024

type Sealed = Parameters<typeof sealRecord>[2] & Pick<RecordHeader, 'lsn'>

export class Stage {
  #buffer = Buffer.allocUnsafe(SMALLEST_OCTETS)
  #used = 0
  #firstLsn: Lsn | null = null
  #lastLsn: Lsn | null = null

  get octets(): Buffer {
    return this.#buffer.subarray(0, this.#used)
  }

  get used(): number {
    return this.#used
  }

  get firstLsn(): Lsn | null {
    return this.#firstLsn
  }

  get lastLsn(): Lsn | null {
    return this.#lastLsn
  }

  /** Room for a record with a payload of up to `payloadOctets`: where in `buffer` the payload goes. */
  reserve(payloadOctets: number): { readonly buffer: Buffer; readonly at: number } {
    const needed = this.#used + recordOctets(payloadOctets)
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
      this.#buffer.copy(larger, 0, 0, this.#used)
      this.#buffer = larger
    }
    return { buffer: this.#buffer, at: this.#used + RECORD_HEADER_OCTETS }
  }

  /** Makes a record of the payload that was put where `reserve` said. */
  seal(header: Sealed, salt: number): void {
    this.#firstLsn ??= lsn(header.lsn)
    this.#lastLsn = lsn(header.lsn)
    this.#used = sealRecord(this.#buffer, this.#used, header, salt)
  }

  clear(): void {
    this.#used = 0
    this.#firstLsn = null
    this.#lastLsn = null
    if (this.#buffer.length > LARGEST_IDLE_OCTETS)
      this.#buffer = Buffer.allocUnsafe(SMALLEST_OCTETS)
  }
}
