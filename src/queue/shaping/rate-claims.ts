// SPDX-License-Identifier: Apache-2.0
/** Who waits for slots of one limit: by class, and within a class in the order in which they were last served. */
import type { Micros } from '../../base/brand.ts'

/** What one worker wants for one lane. */
export interface RateClaim {
  readonly keys: readonly string[]
  readonly highestClass: number
  readonly weight: number
  /** Slots that it has use for, those ahead among them. */
  readonly waiting: number
  /** Slots that it has been lent and that have not come yet. */
  readonly ahead: readonly Micros[]
  /** It is forgotten then, if it does not ask again. */
  readonly until: Micros
}

interface ClassOfClaims {
  weight: number
  waiting: number
  /** By name; who was served longest ago stands first. */
  readonly line: Map<string, RateClaim>
}

export class RateClaims {
  /** By class; most have members of one or two. */
  readonly #classes: (ClassOfClaims | undefined)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** `wasServed`: its next turn comes after those of the others. */
  set(name: string, claim: RateClaim, wasServed: boolean): void {
    let members = this.#classes[claim.highestClass]
    if (members === undefined) {
      members = { weight: 0, waiting: 0, line: new Map() }
      this.#classes[claim.highestClass] = members
    }
    const known = members.line.get(name)
    if (known === undefined) this.#size++
    else subtract(members, known)
    if (wasServed) members.line.delete(name)
    members.line.set(name, claim)
    members.weight += claim.weight
    members.waiting += claim.waiting
  }

  delete(name: string, { highestClass }: RateClaim): void {
    const members = this.#classes[highestClass]
    const known = members?.line.get(name)
    if (members === undefined || known === undefined) return
    subtract(members, known)
    members.line.delete(name)
    this.#size--
  }

  /**
   * How many of `slots` may be ahead of `name` while others wait for the same: those of higher classes have theirs first, those of
   * its own theirs by weight. Where there is less than one for each, who was served longest ago goes first.
   */
  shareOf(name: string, claim: RateClaim, slots: number): number {
    let room = slots
    for (let higher = 0; higher < claim.highestClass; higher++)
      room -= this.#classes[higher]?.waiting ?? 0
    if (room <= 0) return 0
    const members = this.#classes[claim.highestClass]
    const share = members === undefined ? room : (room * claim.weight) / members.weight
    return share >= 1 ? Math.floor(share) : Number(isAmongFirst(room, name, members?.line))
  }
}

/** Of those that have use for one more. */
function isAmongFirst(
  count: number,
  name: string,
  line: ReadonlyMap<string, RateClaim> = new Map(),
): boolean {
  let left = count
  for (const [other, { ahead, waiting }] of line) {
    if (other === name || left <= 0) return left > 0
    if (waiting > ahead.length) left--
  }
  return true
}

function subtract(members: ClassOfClaims, claim: RateClaim): void {
  members.weight -= claim.weight
  members.waiting -= claim.waiting
}
