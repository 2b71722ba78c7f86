// SPDX-License-Identifier: Apache-2.0
/**
 * The state of the brake on one cause, everywhere or at one site.
 *
 *                 hold                    release
 *     watching ─────────▶ holding ──────────────────▶ watching
 *        ▲  \                │
 *        │   confirm         └── confirm ──▶ passing
 *        └── time, release ──────────────────┘  ▲│
 *                                        confirm└┘
 *
 * Watching: the cause is counted. Holding: what would end by it waits, until a person decides. Passing: a person has said that
 * it is true, so that it is neither counted nor held, for a time.
 */
import type { Instant } from '../../base/brand.ts'
import { invariant } from '../../base/invariant.ts'

export type BrakeState =
  | { readonly kind: 'watching' }
  | { readonly kind: 'holding'; readonly since: Instant }
  | { readonly kind: 'passing'; readonly until: Instant }

export const allowedBrakeStates = {
  watching: ['holding', 'passing'],
  holding: ['watching', 'passing'],
  passing: ['watching', 'passing'],
} as const satisfies Record<BrakeState['kind'], readonly BrakeState['kind'][]>

export class Brake {
  #state: BrakeState = { kind: 'watching' }

  /** After its time a confirmation is over. */
  state(now: Instant): BrakeState {
    if (this.#state.kind === 'passing' && this.#state.until <= now)
      this.#enter({ kind: 'watching' })
    return this.#state
  }

  /** Too many of it. `false`: it holds already, or a person has said that it is true. */
  hold(now: Instant): boolean {
    if (this.state(now).kind !== 'watching') return false
    this.#enter({ kind: 'holding', since: now })
    return true
  }

  /** It was not true. `false`: there was nothing to release. */
  release(): boolean {
    if (this.#state.kind === 'watching') return false
    this.#enter({ kind: 'watching' })
    return true
  }

  /** It is true, and may be until then. */
  confirm(until: Instant): void {
    this.#enter({ kind: 'passing', until })
  }

  /** The only place where the state changes. */
  #enter(to: BrakeState): void {
    const allowed: readonly BrakeState['kind'][] = allowedBrakeStates[this.#state.kind]
    invariant(
      allowed.includes(to.kind),
      `a brake may not go from ${this.#state.kind} to ${to.kind}`,
    )
    this.#state = to
  }
}
