// SPDX-License-Identifier: Apache-2.0
/**
 * How many connections this process may have on a lane: a path, bound by limits of its own and of its provider. Alone it has all
 * that the limits allow (`OwnSlots`); workers that share limits borrow from the ledger (`leased-slots.ts`).
 */
import type { LaneUser } from './rates.ts'

export interface KeyedLimit {
  /** Who shares the limit: all lanes with the same key. */
  readonly key: string
  /** Connections at once. */
  readonly limit: number
}

export interface SlotVerdict {
  /** Connections that may be open on the lane now. */
  readonly allowed: number
  /** Key of the limit that allows no more; `null` where the ledger has not said. */
  readonly binds: string | null
}

export interface ConnectionLane {
  /** The limits have changed. */
  rebind(limits: readonly KeyedLimit[]): void
  /** `used`: those that are open on it; `wanted`: how many it has work for. Cheap: asked once a message. */
  allowed(used: number, wanted: number): SlotVerdict
}

export interface ConnectionSlots {
  /** `name`: unique to who uses it. No `limits` allow any number. */
  lane(name: string, limits: readonly KeyedLimit[], user: LaneUser): ConnectionLane
}

/** What is open for one limit, and who would have more. */
interface Shared {
  used: number
  readonly waiting: Set<OwnLane>
}

/** For a process that is alone. */
export class OwnSlots implements ConnectionSlots {
  readonly #shared = new Map<string, Shared>()

  lane(_name: string, limits: readonly KeyedLimit[], user: LaneUser): ConnectionLane {
    return new OwnLane(this.#shared, limits, user)
  }
}

class OwnLane implements ConnectionLane {
  readonly #shared: Map<string, Shared>
  #limits: readonly KeyedLimit[]
  readonly #user: LaneUser
  #used = 0

  constructor(shared: Map<string, Shared>, limits: readonly KeyedLimit[], user: LaneUser) {
    this.#shared = shared
    this.#limits = limits
    this.#user = user
  }

  wake(): void {
    this.#user.wake()
  }

  /** What is open moves to the new limits. */
  rebind(limits: readonly KeyedLimit[]): void {
    const used = this.#used
    this.allowed(0, 0)
    this.#limits = limits
    this.allowed(used, used)
  }

  allowed(used: number, wanted: number): SlotVerdict {
    const change = used - this.#used
    this.#used = used
    let allowed = Number.POSITIVE_INFINITY
    let binds: string | null = null
    for (const { key, limit } of this.#limits) {
      const shared = this.#sharedBy(key)
      shared.used += change
      const free = Math.max(0, limit - (shared.used - used))
      if (free < allowed) {
        allowed = free
        binds = key
      }
      if (wanted > free) shared.waiting.add(this)
      else shared.waiting.delete(this)
      if (change < 0) wakeOthers(shared, this)
      if (shared.used === 0 && shared.waiting.size === 0) this.#shared.delete(key)
    }
    return { allowed, binds }
  }

  #sharedBy(key: string): Shared {
    let shared = this.#shared.get(key)
    if (shared === undefined) {
      shared = { used: 0, waiting: new Set() }
      this.#shared.set(key, shared)
    }
    return shared
  }
}

/** Once whoever gave a connection back is through with it. */
function wakeOthers({ waiting }: Shared, but: OwnLane): void {
  for (const lane of waiting) if (lane !== but) queueMicrotask(() => lane.wake())
}
