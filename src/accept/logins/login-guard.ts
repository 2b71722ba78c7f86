// SPDX-License-Identifier: Apache-2.0
/**
 * Slows down who guesses secrets, by the client's network and by the credential that is guessed. Each wrong secret adds a
 * debt to both, which time pays off; a few are free, then a verdict waits until the debt is down to that, and where it would
 * wait too long nobody looks at the secret. A client that has got in with a credential before waits for nobody's debt, so
 * that guessing shuts nobody out.
 *
 * Known limits: each worker counts alone, and what it knows is gone with it.
 */
import type { DurationMs } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { loginLimits } from '../../base/limits/limits.ts'
import type { PeerNetwork } from '../../smtp/peer-address.ts'

/** Who tries, and with which credential, or as whom; `null` where the secret has not the form of one. */
export interface Guesser {
  readonly network: PeerNetwork
  readonly credential: string | null
}

export type GuardLimits = Readonly<
  Record<'freeFailures' | 'failureMs' | 'longestWaitMs' | 'remembered', number>
>

export class LoginGuard {
  readonly #clock: Clock
  readonly #limits: GuardLimits
  /** The last free failure still costs nothing. */
  readonly #freeMs: number
  /** Monotonic: when nothing is owed any more. The least recently changed goes first. */
  readonly #paidAt = new Map<string, DurationMs>()
  /** Network and credential of who got in. */
  readonly #familiar = new Map<string, true>()

  constructor(clock: Clock, limits: GuardLimits = loginLimits) {
    this.#clock = clock
    this.#limits = limits
    this.#freeMs = (limits.freeFailures - 1) * limits.failureMs
  }

  /** Milliseconds that the verdict must wait; `null`: too many. */
  wait(who: Guesser): number | null {
    if (this.#familiar.has(pairOf(who))) return 0
    const owed = Math.max(...debtorsOf(who).map((debtor) => this.#debt(debtor)))
    const wait = Math.max(0, owed - this.#freeMs)
    return wait > this.#limits.longestWaitMs ? null : wait
  }

  succeeded(who: Guesser): void {
    this.#remember(this.#familiar, pairOf(who), true)
  }

  /** Whether somebody begins to wait from this failure on. */
  failed(who: Guesser): boolean {
    this.#familiar.delete(pairOf(who))
    const crossings = debtorsOf(who).filter((debtor) => this.#charge(debtor))
    return crossings.length > 0
  }

  #charge(debtor: string): boolean {
    const before = this.#debt(debtor)
    const after = before + this.#limits.failureMs
    this.#remember(this.#paidAt, debtor, (this.#clock.monotonic() + after) as DurationMs)
    return before <= this.#freeMs && after > this.#freeMs
  }

  #debt(debtor: string): number {
    return Math.max(0, (this.#paidAt.get(debtor) ?? 0) - this.#clock.monotonic())
  }

  #remember<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key)
    map.set(key, value)
    if (map.size <= this.#limits.remembered) return
    for (const oldest of map.keys()) {
      map.delete(oldest)
      return
    }
  }
}

function debtorsOf({ network, credential }: Guesser): readonly string[] {
  return credential === null ? [`from ${network}`] : [`from ${network}`, `of ${credential}`]
}

function pairOf({ network, credential }: Guesser): string {
  return `${network} ${credential}`
}
