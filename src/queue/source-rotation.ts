// SPDX-License-Identifier: Apache-2.0
/** Picks sources by smooth weighted round robin (as nginx and KumoMTA do). Weight 0 rests a source. */

export interface Weighted<T> {
  readonly item: T
  readonly weight: number
}

interface Member<T> extends Weighted<T> {
  credit: number
}

export class SourceRotation<T> {
  readonly #members: Member<T>[]

  constructor(members: readonly Weighted<T>[]) {
    this.#members = members
      .filter((member) => member.weight > 0)
      .map(({ item, weight }) => ({ item, weight, credit: 0 }))
  }

  /** The next of those that `isFree`; `null` where none is. */
  next(isFree: (item: T) => boolean): T | null {
    let total = 0
    let best: Member<T> | null = null
    for (const member of this.#members) {
      if (!isFree(member.item)) continue
      total += member.weight
      member.credit += member.weight
      if (!best || member.credit > best.credit) best = member
    }
    if (!best) return null
    best.credit -= total
    return best.item
  }
}
