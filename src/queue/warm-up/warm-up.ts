// SPDX-License-Identifier: Apache-2.0
/**
 * One source on its way to be known at one provider. It owns no timer: somebody calls `check` every ten minutes, and tells it what
 * the provider answered.
 *
 *                   a bad hour or day            time, or a person
 *     advancing ──────────────────────▶ paused ──────────────────▶ holding
 *      │    ▲ └──── a doubtful day ────▶ holding ──▶ paused           │
 *      │    └──────────── a good day ───────────────────────────────◀─┘
 *      └─ last stage ─▶ warm ─▶ advancing (cold again), holding (bad), paused
 *
 * Within a day the pace only falls: `slowed`, until midnight (UTC).
 */
import { hours, type Instant, instant, plus } from '../../base/brand.ts'
import { invariant } from '../../base/invariant.ts'
import { type DayReport, type DayVerdict, usualBefore, verdictOf } from './day-verdict.ts'
import { type Finding, unengaged } from './judgement.ts'
import { allowanceAt, stageWithin, type WarmUpSchedule } from './schedule.ts'
import { answersIn, DAY_MS, dayOf, Signals, type SignalsSnapshot } from './signals.ts'
import type { WarmUpPolicy } from './thresholds.ts'
import { ceilingOf, isPutOff, wallAfter } from './wall.ts'
import {
  allowedWarmUpStates,
  type Decision,
  historyWith,
  startPosition,
  type WarmUpPlace,
  type WarmUpPosition,
  type WarmUpState,
} from './warm-up-state.ts'
import { slowReason, watch } from './watch.ts'
import { aDay, findingText, number, title } from './words.ts'

const HOUR = hours(1)
/** Slower than this it would not find out that it may go faster. */
const LEAST_PACE = 0.02
const RESUMED_PACE = 0.25
const HASTENED = 1.5
/** Answers of an hour that say that it went well. */
const ENOUGH = 3
/** A gap is closed day by day, as far as it can matter. */
const LONGEST_GAP = 60

export class WarmUp {
  readonly place: WarmUpPlace
  readonly schedule: WarmUpSchedule
  readonly signals: Signals
  readonly #policy: WarmUpPolicy
  #at: WarmUpPosition

  private constructor(
    place: WarmUpPlace,
    schedule: WarmUpSchedule,
    policy: WarmUpPolicy,
    position: WarmUpPosition,
    signals: Signals,
  ) {
    this.place = place
    this.schedule = schedule
    this.#policy = policy
    this.#at = position
    this.signals = signals
  }

  static start(
    place: WarmUpPlace,
    schedule: WarmUpSchedule,
    policy: WarmUpPolicy,
    now: Instant,
    stage = 0,
  ): WarmUp {
    const from = Math.min(stage, schedule.allowances.length - 1)
    return new WarmUp(place, schedule, policy, startPosition(now, from), new Signals())
  }

  static restore(
    place: WarmUpPlace,
    schedule: WarmUpSchedule,
    policy: WarmUpPolicy,
    position: WarmUpPosition,
    signals: SignalsSnapshot,
  ): WarmUp {
    return new WarmUp(place, schedule, policy, position, Signals.from(signals))
  }

  get position(): WarmUpPosition {
    return this.#at
  }

  get state(): WarmUpState {
    return this.#at.state
  }

  /** Messages a day, as of now; 0 while it is paused, `null` where it is warm and has no limit. */
  get allowance(): number | null {
    const { pace, stage, state } = this.#at
    if (state.kind === 'warm') return null
    if (state.kind === 'paused') return 0
    return Math.max(1, Math.floor(allowanceAt(this.schedule, stage) * pace))
  }

  /** Every ten minutes, and after a start: judges days that are over, and the last hour. */
  check(now: Instant): readonly Decision[] {
    const decisions: Decision[] = []
    const today = dayOf(now)
    if (this.#at.day < today - LONGEST_GAP) this.#set({ day: today - LONGEST_GAP })
    while (this.#at.day < today) this.#closeDay(decisions)
    const { state } = this.#at
    if (state.kind === 'paused') {
      if (state.until !== null && state.until <= now)
        decisions.push(this.#goOn(now, `the pause is over: ${state.reason}`))
    } else this.#watch(now, decisions)
    return decisions
  }

  /** A person stops it. */
  pause(by: string, reason: string, now: Instant): Decision {
    const text = `Paused by ${by}${this.#where}: ${reason}.`
    if (this.state.kind !== 'paused') this.#enter({ kind: 'paused', until: null, reason })
    else this.#set({ state: { kind: 'paused', until: null, reason } })
    return { at: now, kind: 'paused', text }
  }

  /** A person lets it go on; `null` where it is not paused. */
  resume(by: string, now: Instant): Decision | null {
    return this.state.kind === 'paused' ? this.#goOn(now, `${by} says so`) : null
  }

  /** A person knows better: the stage, or that it is warm. */
  set(to: number | 'warm', by: string, now: Instant): Decision {
    if (this.state.kind === 'paused') this.#enter({ kind: 'holding', reason: `set by ${by}` })
    if (to === 'warm') {
      if (this.state.kind !== 'warm') this.#enter({ kind: 'warm' })
      return { at: now, kind: 'warm', text: `Warm${this.#where}: ${by} says so.` }
    }
    if (this.state.kind !== 'advancing') this.#enter({ kind: 'advancing' })
    this.#set({ stage: Math.min(to, this.schedule.allowances.length - 1), pace: 1, mar: null })
    const text = `Set to ${aDay(this.allowance ?? 0)}${this.#where} by ${by}.`
    return { at: now, kind: 'advanced', text }
  }

  get #where(): string {
    return ` at ${title(this.place.provider)}`
  }

  #closeDay(decisions: Decision[]): void {
    const { day, dayFrom, state } = this.#at
    const end = instant((day + 1) * DAY_MS)
    const [counts, usual] = [this.signals.day(day), usualBefore(this.signals, this.#at)]
    const isUnengaged = unengaged(counts, usual, this.#policy) !== null
    const history = historyWith(this.#at, allowanceAt(this.schedule, this.#at.stage), isUnengaged)
    const next = { ...{ day: day + 1, dayFrom: end, pace: 1, mar: null }, history }
    if (state.kind === 'paused') {
      this.#set(next)
      return
    }
    const report: DayReport = {
      ...this.#at,
      state: state.kind,
      where: this.#where,
      counts,
      usual,
      before: this.signals.day(day - 1),
      returnedShare: this.signals.returnedShare(day),
      part: (end - dayFrom) / DAY_MS,
      codeOf: (kind) => this.signals.codeOf(kind),
    }
    const verdict = verdictOf(report, this.schedule, this.#policy)
    this.#set({ ...next, excellentDays: verdict.excellentDays, idleDays: verdict.idleDays })
    if (verdict.kind === 'pause') decisions.push(this.#pause(end, verdict.finding, "yesterday's"))
    else this.#follow(verdict, end, decisions)
  }

  #follow(verdict: Exclude<DayVerdict, { kind: 'pause' }>, at: Instant, decisions: Decision[]) {
    const { ceiling, soberUntilDay, stage, text, wall } = verdict
    this.#set({ stage, ...(ceiling && { ceiling }), ...(wall && { wall }) })
    if (soberUntilDay !== undefined) this.#set({ soberUntilDay })
    switch (verdict.kind) {
      case 'none':
        return
      case 'advance':
        this.#set({ pausesInRow: 0 })
        if (this.state.kind !== 'advancing') this.#enter({ kind: 'advancing' })
        break
      case 'warm':
        this.#enter({ kind: 'warm' })
        break
      case 'cool':
        if (this.state.kind !== 'advancing') this.#enter({ kind: 'advancing' })
        break
      default:
        if (this.state.kind === 'holding') this.#set({ state: { kind: 'holding', reason: text } })
        else this.#enter({ kind: 'holding', reason: text })
    }
    const kind = kindOf[verdict.kind]
    decisions.push({ at, kind, text })
  }

  #watch(now: Instant, decisions: Decision[]): void {
    const { pace, stage, state, watchedFrom } = this.#at
    const from = instant(Math.max(now - HOUR, watchedFrom))
    const { finding, verdict } = watch(this.signals, now, from, this.#policy)
    if (verdict === 'fine') {
      this.#hasten(now, decisions)
      return
    }
    this.#set({ watchedFrom: now })
    if (verdict === 'pause') decisions.push(this.#pause(now, finding, 'the last'))
    else if (state.kind !== 'warm') {
      const slowed = Math.max(LEAST_PACE, pace * this.#policy.slowTo)
      if (slowed === pace) return
      const code = this.signals.codeOf(finding.kind)
      const text = slowReason(
        allowanceAt(this.schedule, stage) * slowed,
        this.#where,
        finding,
        code,
      )
      this.#set({
        pace: slowed,
        mar: { kind: 'slowed', text: findingText(finding, "an hour's", code) },
      })
      decisions.push({ at: now, kind: 'slowed', text })
    }
  }

  /** An hour in which nothing was wrong gives back a part of what was taken. */
  #hasten(now: Instant, decisions: Decision[]): void {
    const { mar, pace, watchedFrom } = this.#at
    if (mar?.kind !== 'slowed' || pace === 1 || now - watchedFrom < HOUR) return
    const answers = answersIn(this.signals.since(now, watchedFrom))
    if (answers < ENOUGH) return
    this.#set({ pace: Math.min(1, pace * HASTENED), watchedFrom: now })
    if (this.#at.pace < 1) return
    const text = `Back to ${aDay(this.allowance ?? 0)}${this.#where}: the last hour's ${number(answers)} were taken.`
    decisions.push({ at: now, kind: 'resumed', text })
  }

  #pause(now: Instant, finding: Finding, whose: string): Decision {
    const { pausesInRow, stage, state, wall: before } = this.#at
    const { pauseHours } = this.#policy
    const length = pauseHours[Math.min(pausesInRow, pauseHours.length - 1)] ?? 24
    const until = plus(now, hours(length))
    const reason = findingText(finding, whose, this.signals.codeOf(finding.kind))
    // Half of what it was; of a warm source, of what it has sent of late.
    const sent = Math.max(...[0, 1].map((ago) => answersIn(this.signals.day(dayOf(now) - ago))))
    const volume = state.kind === 'warm' ? sent : allowanceAt(this.schedule, stage)
    const half = stageWithin(this.schedule, volume / 2)
    this.#set({ pausesInRow: pausesInRow + 1, stage: half })
    // Pauses in a row are one: it asks whether that is over.
    if (isPutOff(finding) && pausesInRow === 0) {
      const wall = wallAfter(before, stage, dayOf(now))
      const ceiling = ceilingOf(wall, half, this.#policy)
      this.#set({ wall, ...(ceiling && { ceiling }) })
    }
    this.#enter({ kind: 'paused', until, reason })
    const time = new Date(until).toISOString().slice(11, 16)
    const then = aDay(allowanceAt(this.schedule, this.#at.stage))
    const text = `Paused${this.#where} until ${time} UTC: ${reason}. Tried again then, with ${then}.`
    return { at: now, kind: 'paused', text }
  }

  #goOn(now: Instant, why: string): Decision {
    this.signals.forgetRow()
    this.#enter({ kind: 'holding', reason: why })
    this.#set({
      pace: RESUMED_PACE,
      mar: { kind: 'paused', text: why },
      watchedFrom: now,
      dayFrom: now,
    })
    const text = `Resumed with ${aDay(this.allowance ?? 0)}${this.#where} for today: ${why}.`
    return { at: now, kind: 'resumed', text }
  }

  #set(changes: Partial<WarmUpPosition>): void {
    this.#at = { ...this.#at, ...changes }
  }

  /** The only place where the kind of state changes. */
  #enter(state: WarmUpState): void {
    const from = this.#at.state.kind
    invariant(
      (allowedWarmUpStates[from] as readonly string[]).includes(state.kind),
      `a warm-up does not go from ${from} to ${state.kind}`,
    )
    this.#set({ state })
  }
}

const kindOf = {
  advance: 'advanced',
  hold: 'held',
  stepBack: 'stepped-back',
  warm: 'warm',
  cool: 'cooled',
} as const
