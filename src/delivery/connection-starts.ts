// SPDX-License-Identifier: Apache-2.0
/**
 * Connections of a site that are being made. One that takes long is overtaken: as RFC 8305 does between addresses, what waits
 * for it may go by another source, perhaps of another family, and whichever is first takes the mail.
 *
 *   fresh ──patience──▶ overtaken        fresh, overtaken ──end──▶ gone
 */
import { seconds } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import type { EgressSource } from '../queue/egress.ts'

const PATIENCE = seconds(1)

export class ConnectionStarts<T> {
  readonly #clock: Clock
  readonly #fresh = new Set<T>()
  readonly #overtaken = new Map<T, EgressSource>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#fresh.size + this.#overtaken.size
  }

  /** Those that work may be waiting for. */
  get fresh(): number {
    return this.#fresh.size
  }

  /** Sources by which no more connections should be made now. */
  get slow(): Iterable<EgressSource> {
    return this.#overtaken.values()
  }

  begin(connection: T): void {
    this.#fresh.add(connection)
  }

  /** `onOvertaken` is called where the connection is not made in time. */
  watch(connection: T, source: EgressSource, onOvertaken: () => void): void {
    this.#clock.after(PATIENCE, () => {
      if (!this.#fresh.delete(connection)) return
      this.#overtaken.set(connection, source)
      onOvertaken()
    })
  }

  end(connection: T): void {
    this.#fresh.delete(connection)
    this.#overtaken.delete(connection)
  }
}
