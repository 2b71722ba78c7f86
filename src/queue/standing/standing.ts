// SPDX-License-Identifier: Apache-2.0
/**
 * How one tenant stands in one pool that it shares. It has neither clock nor timer: somebody lets it judge what was counted, by the hour.
 *
 *     good ◀────────▶ watched ──bad──▶ quarantined ──a better day──▶ watched
 *       └──────bad──────┴─────────────────▶ or held ──released──▶ good
 *
 * One that is bad is quarantined where the pool has a quarantine pool, else held, or only watched. A quarantine ends by mail that does
 * well in it; a hold by a person, for nothing shows meanwhile that it is better. Who has no neighbours is good, whatever is counted.
 */
import { type Instant, instant } from '../../base/brand.ts'
import { invariant } from '../../base/invariant.ts'
import { standingLimits } from '../../base/limits/standing-limits.ts'
import {
  noCounts,
  type StandingCounts,
  type StandingHour,
  type StandingPlace,
  sumOf,
} from '../../records/standing.ts'
import { answersIn, isQuiet, type Window, worstOf } from './findings.ts'
import {
  allowedStandings,
  type Remedy,
  type StandingDecision,
  type StandingPosition,
  type StandingState,
} from './standing-state.ts'
import type { StandingPolicy } from './thresholds.ts'

export interface StandingFacts {
  readonly now: Instant
  /** Of the long window, in any order. */
  readonly hours: readonly StandingHour[]
  /** Others send by the pool too. */
  readonly hasNeighbours: boolean
  readonly remedy: Remedy
  readonly policy: StandingPolicy
}

export class Standing {
  readonly place: StandingPlace
  #at: StandingPosition

  constructor(place: StandingPlace, position: StandingPosition | null = null) {
    this.place = place
    this.#at = position ?? {
      state: { kind: 'good' },
      since: instant(0),
      judgedFrom: { hour: 0, counted: noCounts },
      pin: null,
    }
  }

  get position(): StandingPosition {
    return this.#at
  }

  get state(): StandingState {
    return this.#at.state
  }

  /** `null`: it stays as it is. */
  judge(facts: StandingFacts): StandingDecision | null {
    const { state } = this.#at
    if (this.#at.pin !== null) return null
    if (!facts.hasNeighbours)
      return state.kind === 'good' ? null : this.#clear(facts, 'nobody else sends by this pool now')
    const windows = this.#windows(facts)
    switch (state.kind) {
      case 'good':
      case 'watched':
        return this.#judgeFree(facts, windows)
      case 'quarantined':
        return this.#judgeQuarantined(facts, windows)
      case 'held':
        return facts.remedy.kind === 'hold' ? null : this.#act(facts, state.reason)
    }
  }

  /** As a person says, until it is released. */
  pin(kind: StandingState['kind'], by: string, reason: string, facts: StandingFacts) {
    const text = `${by} says so${reason === '' ? '' : `: ${reason}`}`
    const state: StandingState =
      kind === 'good'
        ? { kind }
        : kind === 'watched'
          ? { kind, reason: text, isBad: false }
          : { kind, reason: text }
    this.#set(state, facts, 'anew')
    this.#at = { ...this.#at, pin: { by, reason } }
    return this.#decision(facts, `${wordsOf(kind, facts.remedy)} until it is released: ${text}`)
  }

  /** What was counted so far counts no more. */
  release(by: string, facts: StandingFacts): StandingDecision {
    this.#at = { ...this.#at, pin: null }
    return this.#clear(facts, `released by ${by}`)
  }

  #judgeFree(facts: StandingFacts, windows: readonly Window[]): StandingDecision | null {
    const { since, state } = this.#at
    const finding = worstOf(windows, facts.policy)
    if (finding?.level === 'bad') return this.#act(facts, finding.text)
    if (state.kind === 'good') {
      if (finding === null) return null
      this.#set({ kind: 'watched', reason: finding.text, isBad: false }, facts, 'on')
      return this.#decision(facts, `is watched: ${finding.text}`)
    }
    const isOver = facts.now - since >= standingLimits.leastStayMs
    if (!isOver || !isQuiet(windows, facts.policy)) return null
    this.#set({ kind: 'good' }, facts, 'on')
    return this.#decision(facts, `is well again: ${numbersOf(windows)}`)
  }

  #judgeQuarantined(facts: StandingFacts, windows: readonly Window[]): StandingDecision | null {
    const { since, state } = this.#at
    if (facts.remedy.kind !== 'quarantine')
      return this.#act(facts, 'reason' in state ? state.reason : '')
    const [short] = windows
    const isJudged = short !== undefined && answersIn(short.counts) >= facts.policy.leastMail
    if (!isJudged || facts.now - since < standingLimits.leastStayMs) return null
    if (worstOf(windows, facts.policy) !== null) return null
    const reason = `back from quarantine, where it did well: ${numbersOf(windows)}`
    this.#set({ kind: 'watched', reason, isBad: false }, facts, 'on')
    return this.#decision(facts, `is ${reason}; it is watched for a day`)
  }

  /** About one that is bad. */
  #act(facts: StandingFacts, why: string): StandingDecision | null {
    const { remedy } = facts
    const { state } = this.#at
    if (remedy.kind === 'quarantine') {
      this.#set({ kind: 'quarantined', reason: why }, facts, 'anew')
    } else if (remedy.kind === 'hold') this.#set({ kind: 'held', reason: why }, facts, 'anew')
    else if (state.kind === 'watched' && state.isBad) return null
    else this.#set({ kind: 'watched', reason: why, isBad: true }, facts, 'on')
    return this.#decision(facts, `${wordsOf(this.state.kind, remedy)}: ${why}`)
  }

  #clear(facts: StandingFacts, why: string): StandingDecision {
    this.#set({ kind: 'good' }, facts, 'anew')
    return this.#decision(facts, `goes by its pool as before: ${why}`)
  }

  #windows({ hours, now }: StandingFacts): readonly Window[] {
    const { counted, hour: from } = this.#at.judgedFrom
    const thisHour = hourOf(now)
    const sum = (length: number): StandingCounts => {
      const first = Math.max(from, thisHour - length + 1)
      const all = sumOf(hours.filter(({ hour }) => hour >= first))
      return first === from ? without(all, counted) : all
    }
    return [
      { counts: sum(standingLimits.shortHours), name: 'mails of the last 24 hours' },
      { counts: sum(standingLimits.longHours), name: 'mails of the last 7 days' },
    ]
  }

  /** `anew`: what was counted before is judged with that. */
  #set(state: StandingState, { hours, now }: StandingFacts, judged: 'on' | 'anew'): void {
    this.#enter(state, now)
    if (judged === 'on') return
    const hour = hourOf(now)
    const counted = sumOf(hours.filter((each) => each.hour === hour))
    this.#at = { ...this.#at, judgedFrom: { hour, counted } }
  }

  /** The only place where the state changes. */
  #enter(state: StandingState, now: Instant): void {
    const from = this.#at.state.kind
    // The same for another reason.
    if (from !== state.kind)
      invariant(
        (allowedStandings[from] as readonly string[]).includes(state.kind),
        `a standing does not go from ${from} to ${state.kind}`,
      )
    this.#at = { ...this.#at, state, since: now }
  }

  #decision({ now }: StandingFacts, words: string): StandingDecision {
    const { pool, tenant } = this.place
    const text = `Tenant ${tenant} in pool ${pool} ${words}`
    return { at: now, kind: this.state.kind, text }
  }
}

export function hourOf(at: Instant): number {
  return Math.floor(at / standingLimits.hourMs)
}

function wordsOf(kind: StandingState['kind'], remedy: Remedy): string {
  switch (kind) {
    case 'good':
      return 'goes by its pool'
    case 'watched':
      return 'is watched'
    case 'quarantined':
      return remedy.kind === 'quarantine' ? `goes by pool ${remedy.pool} from now on` : 'is held'
    case 'held':
      return 'is held, until somebody releases it'
  }
}

/** "2 of 1,204 bounced, 0 refused, 1 complaint" of the short window. */
function numbersOf([window]: readonly Window[]): string {
  const { complained, refused, unknown } = window?.counts ?? noCounts
  const of = window === undefined ? 0 : answersIn(window.counts)
  return `of ${of} mails in 24 hours ${unknown} had no such recipient, ${refused} were refused, ${complained} called spam`
}

function without(all: StandingCounts, less: StandingCounts): StandingCounts {
  return {
    delivered: Math.max(0, all.delivered - less.delivered),
    unknown: Math.max(0, all.unknown - less.unknown),
    refused: Math.max(0, all.refused - less.refused),
    complained: Math.max(0, all.complained - less.complained),
  }
}
