// SPDX-License-Identifier: Apache-2.0
/** What is set up for domains by patterns: `example.org`; `*.example.org`, all names below it and not itself; or `*`. */
import type { Domain } from '../../protocol/mailbox.ts'

export class DomainTable<T> {
  /** By pattern. */
  readonly #entries = new Map<string, T>()

  /** Of two with the same pattern the first counts. */
  constructor(entries: Iterable<readonly [pattern: string, value: T]>) {
    for (const [pattern, value] of entries) {
      const key = pattern.toLowerCase()
      if (!this.#entries.has(key)) this.#entries.set(key, value)
    }
  }

  /** Exact, then the longest suffix, then `*`, which fits literals too. */
  find(domain: Domain): T | null {
    if (this.#entries.size === 0) return null
    const exact = this.#entries.get(domain)
    if (exact) return exact
    for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
      const suffix = this.#entries.get(`*${domain.slice(dot)}`)
      if (suffix) return suffix
    }
    return this.#entries.get('*') ?? null
  }
}
