// SPDX-License-Identifier: Apache-2.0
/**
 * Slows down who guesses secrets, by the client's network and by the credential that is guessed. Each wrong secret adds a
 * debt to both, which time pays off; a few are free, then a verdict waits until the debt is down to that, and where it would
 * wait too long nobody looks at the secret. A client that has got in with a credential before waits for nobody's debt, so
 * that guessing shuts nobody out.
 *
 * Known limits: each worker counts alone, and what it knows is gone with it.
 */
import type { DurationMs } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { loginLimits } from '../base/limits.ts'
import type { CredentialId } from '../records/records.ts'
import type { PeerNetwork } from '../smtp/peer-address.ts'

/** Who tries, and with which credential; `null` where the secret has not the form of one. */
export interface Guesser {
  readonly network: PeerNetwork
  readonly credential: CredentialId | null
}

export class LoginGuard {
  readonly #clock: Clock
  /** Monotonic: when nothing is owed any more. The least recently changed goes first. */
  readonly #paidAt = new Map<string, DurationMs>()
  /** Network and credential of who got in. */
  readonly #familiar = new Map<string, true>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds that the verdict must wait; `null`: too many. */
  wait(who: Guesser): number | null {
    if (this.#familiar.has(pairOf(who))) return 0
    const owed = Math.max(...debtorsOf(who).map((debtor) => this.#debt(debtor)))
    const wait = Math.max(0, owed - FREE_MS)
    return wait > loginLimits.longestWaitMs ? null : wait
  }

  succeeded(who: Guesser): void {
    remember(this.#familiar, pairOf(who), true)
  }

  /** Whether somebody begins to wait from this failure on. */
  failed(who: Guesser): boolean {
    this.#familiar.delete(pairOf(who))
    const crossings = debtorsOf(who).filter((debtor) => this.#charge(debtor))
    return crossings.length > 0
  }

  #charge(debtor: string): boolean {
    const before = this.#debt(debtor)
    const after = before + loginLimits.failureMs
    remember(this.#paidAt, debtor, (this.#clock.monotonic() + after) as DurationMs)
    return before <= FREE_MS && after > FREE_MS
  }

  #debt(debtor: string): number {
    return Math.max(0, (this.#paidAt.get(debtor) ?? 0) - this.#clock.monotonic())
  }
}

/** The last free failure still costs nothing. */
const FREE_MS = (loginLimits.freeFailures - 1) * loginLimits.failureMs

function debtorsOf({ network, credential }: Guesser): readonly string[] {
  return credential === null ? [`from ${network}`] : [`from ${network}`, `of ${credential}`]
}

function pairOf({ network, credential }: Guesser): string {
  return `${network} ${credential}`
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= loginLimits.remembered) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
