// SPDX-License-Identifier: Apache-2.0
/** What is said of a domain holds for those below it. */

/** Of the domain itself, or of the nearest one above it that `byDomain` has; names in the same letters as its keys. */
export function coveringEntry<T>(byDomain: ReadonlyMap<string, T>, name: string): T | null {
  for (let domain = name; ; ) {
    const found = byDomain.get(domain)
    if (found !== undefined) return found
    const dot = domain.indexOf('.')
    if (dot === -1) return null
    domain = domain.slice(dot + 1)
  }
}
