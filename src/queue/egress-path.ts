// SPDX-License-Identifier: Apache-2.0
/**
 * The state of an egress path: one of our sources talking to one site. It alone owns backoff. It owns no
 * timer: `next` says when to ask again, so no transition can leave one dangling.
 *
 *            backOff                   first success
 *     open ─────────▶ backoff ──time──▶ probing ───▶ open
 *       ▲  \             ▲                 │
 *       │   suspend      └──── backOff ────┘
 *       └─resume─ suspended            all ─▶ draining (final: the site's next message makes a new path)
 *
 * A probing path lets one transaction out; the others wait for how it ends, so that a site that is down costs
 * one attempt a rest, not one a message.
 */
import type { DurationMs, Instant } from '../base/brand.ts'
import { hours, ms, plus } from '../base/brand.ts'
import { invariant, unreachable } from '../base/invariant.ts'
import type { Random } from '../base/random.ts'
import type { EgressPath } from './egress.ts'
import { withJitter } from './retry-schedule.ts'

export type PathState =
  | { readonly kind: 'open' }
  | { readonly kind: 'backoff'; readonly until: Instant; readonly reason: string }
  | { readonly kind: 'probing'; readonly reason: string }
  | { readonly kind: 'suspended'; readonly by: string; readonly reason: string }
  | { readonly kind: 'draining' }

export const allowedPathStates = {
  open: ['backoff', 'suspended', 'draining'],
  backoff: ['probing', 'suspended', 'draining'],
  probing: ['open', 'backoff', 'suspended', 'draining'],
  suspended: ['suspended', 'open', 'draining'],
  draining: [],
} as const satisfies Record<PathState['kind'], readonly PathState['kind'][]>

/** Whether a transaction may begin now, and if not, when to ask again. */
export type Permission =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly until: Instant; readonly because: string }
  /** Somebody must act first: `success`, `resume` or a new path wakes the asker. */
  | { readonly kind: 'idle'; readonly because: string }

const GO: Permission = { kind: 'go' }
/** One object for all paths. */
const OPEN: PathState = { kind: 'open' }
/** Whoever names more is tried after this. */
const LONGEST_NAMED = hours(24)

export class EgressPathMachine {
  readonly path: EgressPath
  readonly #rests: readonly DurationMs[]
  readonly #random: Random
  #state: PathState = OPEN
  #restsTaken = 0
  #isProbeOut = false
  #hasWorked = false

  /** `rests`: how long the path backs off after its first, second, … failure in a row; at least one. */
  constructor(path: EgressPath, rests: readonly DurationMs[], random: Random) {
    this.path = path
    this.#rests = rests
    this.#random = random
  }

  get state(): PathState {
    return this.#state
  }

  /** Something went well since it was last in doubt. A new path is in doubt. */
  get works(): boolean {
    return this.#state.kind === 'open' && this.#hasWorked
  }

  /** Nothing may begin until somebody says so. */
  get isStopped(): boolean {
    return this.#state.kind === 'suspended' || this.#state.kind === 'draining'
  }

  /** Rests in a row: failures since something went well. */
  get restsTaken(): number {
    return this.#restsTaken
  }

  /** Before then it is not even probed; `null`: it may be. */
  restsUntil(now: Instant): Instant | null {
    if (this.#state.kind !== 'backoff' || this.#hasRested(this.#state.until, now)) return null
    return this.#state.until
  }

  /** Asked before each transaction. Spends the one permission of a probing path. */
  next(now: Instant): Permission {
    if (this.#state.kind === 'backoff' && this.restsUntil(now) === null)
      this.#enter({ kind: 'probing', reason: this.#state.reason })
    switch (this.#state.kind) {
      case 'open':
        return GO
      case 'backoff':
        return { kind: 'wait', until: this.#state.until, because: this.#state.reason }
      case 'probing':
        if (this.#isProbeOut)
          return { kind: 'idle', because: `a probe is out after: ${this.#state.reason}` }
        this.#isProbeOut = true
        return GO
      case 'suspended':
        return { kind: 'idle', because: `suspended by ${this.#state.by}: ${this.#state.reason}` }
      case 'draining':
        return { kind: 'idle', because: 'draining' }
      default:
        return unreachable(this.#state)
    }
  }

  /** The site answered as it should. */
  success(): void {
    this.#restsTaken = 0
    this.#hasWorked = true
    if (this.#state.kind === 'probing') this.#enter(OPEN)
  }

  /** A permission was not used after all (nothing left to send). */
  unused(): void {
    this.#isProbeOut = false
  }

  /**
   * The path, not one recipient, is at fault: it rests as its rests say, or as long as the receiver `named`. Returns when it will
   * be tried again.
   */
  backOff(now: Instant, reason: string, named: DurationMs | null = null): Instant {
    if (this.#state.kind === 'backoff') return this.#state.until
    const rest = this.#rests[Math.min(this.#restsTaken, this.#rests.length - 1)] ?? 0
    const length = Math.max(withJitter(rest, this.#random), Math.min(named ?? 0, LONGEST_NAMED))
    const until = plus(now, ms(length))
    if (this.#state.kind === 'open' || this.#state.kind === 'probing') {
      this.#hasWorked = false
      this.#restsTaken++
      this.#enter({ kind: 'backoff', until, reason })
    }
    return until
  }

  /** Its source was stopped. What it learns again begins in doubt. */
  suspend(by: string, reason: string): void {
    if (this.#state.kind === 'draining') return
    this.#hasWorked = false
    this.#enter({ kind: 'suspended', by, reason })
  }

  /** Its source sends again. */
  resume(): void {
    if (this.#state.kind === 'suspended') this.#enter(OPEN)
  }

  /** A person wants it tried now, however it rests. */
  tryNow(): void {
    if (this.#state.kind === 'backoff') this.#enter({ kind: 'probing', reason: this.#state.reason })
  }

  drain(): void {
    if (this.#state.kind !== 'draining') this.#enter({ kind: 'draining' })
  }

  /** A rest that is longer than any was ever set: the wall clock was set back, and the path would rest for ever. */
  #hasRested(until: Instant, now: Instant): boolean {
    const longest = Math.max(LONGEST_NAMED, 2 * Math.max(...this.#rests))
    return until <= now || until - now > longest
  }

  /** The only place where the state changes. */
  #enter(to: PathState): void {
    const from = this.#state.kind
    invariant(
      (allowedPathStates[from] as readonly string[]).includes(to.kind),
      `an egress path does not go from ${from} to ${to.kind}`,
    )
    this.#state = to
    this.#isProbeOut = false
  }
}
