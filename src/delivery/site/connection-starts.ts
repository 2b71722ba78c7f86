// SPDX-License-Identifier: Apache-2.0
/**
 * Connections of a site that are being made. One that takes long is overtaken: as RFC 8305 does between addresses, what waits
 * for it may go by another source, perhaps of another family, and whichever is first takes the mail.
 *
 *   fresh ──patience──▶ overtaken        fresh, overtaken ──end──▶ gone
 */
import { seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import type { EgressSource } from '../../queue/egress.ts'

const PATIENCE = seconds(1)

export class ConnectionStarts<T> {
  readonly #clock: Clock
  /** Those that are overtaken with their source. Made with the first: of very many sites few have a connection. */
  #starts: Map<T, EgressSource | null> | null = null
  #fresh = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#starts?.size ?? 0
  }

  /** Those that work may be waiting for. */
  get fresh(): number {
    return this.#fresh
  }

  /** Sources by which no more connections should be made now. */
  get slow(): Iterable<EgressSource> {
    return [...(this.#starts?.values() ?? [])].filter((source) => source !== null)
  }

  begin(connection: T): void {
    this.#starts ??= new Map()
    this.#starts.set(connection, null)
    this.#fresh++
  }

  /** `onOvertaken` is called where the connection is not made in time. */
  watch(connection: T, source: EgressSource, onOvertaken: () => void): void {
    this.#clock.after(PATIENCE, () => {
      if (this.#starts?.get(connection) !== null) return
      this.#starts.set(connection, source)
      this.#fresh--
      onOvertaken()
    })
  }

  end(connection: T): void {
    const source = this.#starts?.get(connection)
    if (source === null) this.#fresh--
    this.#starts?.delete(connection)
  }
}
