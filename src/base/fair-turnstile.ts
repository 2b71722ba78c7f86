// SPDX-License-Identifier: Apache-2.0
/**
 * Lets a bounded number through at once, shared out among those who ask. Nobody gets so much that one more who comes would find
 * no place: alone half of it, two a third each, and so on. Who waits goes in by turns of who has the least inside.
 */
import { Ring } from './ring.ts'

interface Party {
  inside: number
  readonly line: Ring<() => void>
}

export class FairTurnstile {
  readonly #capacity: number
  /** Those who have somebody inside or in line. */
  readonly #parties = new Map<string, Party>()
  #inside = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Runs `work` when it is the turn of `name`. The line has no end. */
  async pass<T>(name: string, work: () => Promise<T>): Promise<T> {
    const party = this.#partyOf(name)
    await new Promise<void>((resolve) => {
      party.line.push(resolve)
      this.#admit()
    })
    try {
      return await work()
    } finally {
      party.inside--
      this.#inside--
      if (party.inside === 0 && party.line.size === 0) this.#parties.delete(name)
      this.#admit()
    }
  }

  #partyOf(name: string): Party {
    let party = this.#parties.get(name)
    if (!party) {
      party = { inside: 0, line: new Ring() }
      this.#parties.set(name, party)
    }
    return party
  }

  #admit(): void {
    const share = Math.max(1, Math.floor(this.#capacity / (this.#parties.size + 1)))
    while (this.#inside < this.#capacity) {
      const next = this.#neediest(share)
      if (!next) return
      next.inside++
      this.#inside++
      next.line.shift()?.()
    }
  }

  /** Of those who wait and have less than their share, the one with the least. */
  #neediest(share: number): Party | null {
    let found: Party | null = null
    for (const party of this.#parties.values())
      if (party.line.size > 0 && party.inside < (found?.inside ?? share)) found = party
    return found
  }
}
