// SPDX-License-Identifier: Apache-2.0
/** What the providers' side makes of each subscriber: decided by the address alone, so that it is the same each time. */

export type Fate =
  | 'reads'
  /** Reads it, once the provider was asked a second time. */
  | 'greylisted'
  /** The same, and the provider wants less at once; each says so once. */
  | 'throttled'
  /** Refused in the dialog: no such mailbox; a closed one; a filter that calls it spam. */
  | 'gone'
  | 'closed'
  | 'filtered'
  /** Taken, and bounced later. */
  | 'gone-later'
  | 'filtered-later'
  | 'full-later'
  | 'complains'
  | 'unsubscribes'
  /** Answers by itself. */
  | 'away'

/** Of a thousand; the others read it. */
const perThousand: readonly (readonly [Fate, number])[] = [
  ['greylisted', 10],
  ['throttled', 10],
  ['gone', 25],
  ['closed', 10],
  ['filtered', 10],
  ['gone-later', 20],
  ['filtered-later', 8],
  ['full-later', 8],
  ['complains', 8],
  ['unsubscribes', 20],
  ['away', 12],
]

export function fateOf(recipient: string): Fate {
  let left = hashOf(recipient) % 1_000
  for (const [fate, share] of perThousand) {
    left -= share
    if (left < 0) return fate
  }
  return 'reads'
}

/** Also which of several forms a provider uses for somebody. */
export function pick<T>(items: readonly [T, ...T[]], recipient: string): T {
  return items[Math.floor(hashOf(recipient) / 1_000) % items.length] ?? items[0]
}

/** FNV-1a with a last mix, so that addresses that differ in one digit differ in all of it. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return (hash ^ (hash >>> 15)) >>> 0
}
