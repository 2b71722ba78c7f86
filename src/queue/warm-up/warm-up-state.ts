// SPDX-License-Identifier: Apache-2.0
/** What a warm-up is and decides, as values: what a record keeps of it. `warm-up.ts` moves it. */
import type { Instant } from '../../base/brand.ts'
import { warmUpLimits } from '../../base/limits/warm-up-limits.ts'
import { dayOf } from './signals.ts'

export type WarmUpState =
  | { readonly kind: 'advancing' }
  | { readonly kind: 'holding'; readonly reason: string }
  /** `until`: it goes on by itself; `null`: when a person says so. */
  | { readonly kind: 'paused'; readonly until: Instant | null; readonly reason: string }
  | { readonly kind: 'warm' }

export const allowedWarmUpStates = {
  advancing: ['holding', 'paused', 'warm'],
  holding: ['advancing', 'paused', 'warm'],
  paused: ['holding'],
  warm: ['advancing', 'holding', 'paused'],
} as const satisfies Record<WarmUpState['kind'], readonly WarmUpState['kind'][]>

export const decisionKinds = [
  'started',
  'advanced',
  'held',
  'slowed',
  'stepped-back',
  'paused',
  'resumed',
  'warm',
  'cooled',
] as const
export type DecisionKind = (typeof decisionKinds)[number]

/** Reads like a colleague; becomes an event `warmup.<kind>`. */
export interface Decision {
  readonly at: Instant
  readonly kind: DecisionKind
  readonly text: string
}

/** What happened in a day: a pause forbids an advance after it, a slowed hour that a stage is passed over. */
export interface Mar {
  readonly kind: 'slowed' | 'paused'
  readonly text: string
}

/** What it is, without its signals: what a record keeps. */
export interface WarmUpPosition {
  readonly state: WarmUpState
  /** Of the schedule, from 0. */
  readonly stage: number
  /** Share of the allowance that is left for today. */
  readonly pace: number
  /** Days since 1970, UTC: the one that is not judged yet. */
  readonly day: number
  /** From when on it could send, in that day. */
  readonly dayFrom: Instant
  readonly mar: Mar | null
  readonly excellentDays: number
  /** It was put off or paused of late: until that day it leaps no further than its schedule does. */
  readonly soberUntilDay?: number
  readonly idleDays: number
  readonly pausesInRow: number
  /** What days that are over were allowed, the oldest first; `null`: as much as there was. */
  readonly history: readonly DayRecord[]
  /** Its repute fell, or it was put off again and again: until that day it goes no further than to that stage. */
  readonly ceiling?: Ceiling
  readonly wall?: Wall
  /** What was answered before is judged already. */
  readonly watchedFrom: Instant
}

export interface DayRecord {
  readonly day: number
  readonly allowance: number | null
  /** Fewer engaged than usual. */
  readonly isUnengaged?: true
}

export interface Ceiling {
  readonly stage: number
  readonly untilDay: number
}

/** Where it was last put off by the provider. */
export interface Wall {
  readonly stage: number
  /** The last one. */
  readonly day: number
  readonly times: number
}

export interface WarmUpPlace {
  readonly source: string
  readonly provider: string
}

/** As it begins. */
export function startPosition(now: Instant, stage: number): WarmUpPosition {
  return {
    state: { kind: 'advancing' },
    stage,
    pace: 1,
    day: dayOf(now),
    dayFrom: now,
    mar: null,
    excellentDays: 0,
    idleDays: 0,
    pausesInRow: 0,
    history: [],
    watchedFrom: now,
  }
}

/** With the day that is over; `whole`: what its stage allows. */
export function historyWith(
  { day, history, state }: WarmUpPosition,
  whole: number,
  isUnengaged: boolean,
): WarmUpPosition['history'] {
  const allowance = state.kind === 'warm' ? null : state.kind === 'paused' ? 0 : whole
  const record = { day, allowance, ...(isUnengaged && { isUnengaged: true as const }) }
  return [...history, record].slice(-warmUpLimits.days)
}
