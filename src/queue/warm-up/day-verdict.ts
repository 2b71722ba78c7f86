// SPDX-License-Identifier: Apache-2.0
/** What a day that is over comes to: whether the next one may be more. A function of what is known of the day. */
import {
  DAILY,
  type Finding,
  graver,
  isExcellent,
  isMore,
  type Late,
  type Usual,
  unengaged,
  worstOf,
} from './judgement.ts'
import { allowanceAt, isLast, stageWithin, type WarmUpSchedule } from './schedule.ts'
import { answersIn, type Counts, type Signals } from './signals.ts'
import type { LimitedKind, WarmUpPolicy } from './thresholds.ts'
import { ceilingOf, isGentleLeap, isPutOff, REMEMBERED_DAYS, wallAfter } from './wall.ts'
import type { Ceiling, Mar, Wall, WarmUpPosition } from './warm-up-state.ts'
import { aDay, findingText, number, percent } from './words.ts'

export interface DayReport {
  /** Days since 1970. */
  readonly day: number
  /** It was not paused then. */
  readonly state: 'advancing' | 'holding' | 'warm' | 'paused'
  readonly stage: number
  readonly counts: Counts
  /** The day before it. */
  readonly before: Counts
  /** Of what was returned in the day. */
  readonly returnedShare: number
  /** Of the days before it, as far as they count. */
  readonly usual: Usual
  /** Of the day in which it could send. */
  readonly part: number
  readonly mar: Mar | null
  readonly ceiling?: Ceiling
  readonly wall?: Wall
  readonly pausesInRow: number
  readonly excellentDays: number
  readonly soberUntilDay?: number
  readonly idleDays: number
  /** " at Outlook". */
  readonly where: string
  readonly codeOf: (kind: LimitedKind) => string | null
}

interface Common {
  readonly excellentDays: number
  readonly idleDays: number
}

export type DayVerdict = Common &
  (
    | {
        readonly kind: 'advance' | 'hold' | 'stepBack' | 'warm' | 'cool' | 'none'
        /** The next day's. */
        readonly stage: number
        readonly text: string
        readonly ceiling?: Ceiling
        readonly wall?: Wall
        readonly soberUntilDay?: number
      }
    | { readonly kind: 'pause'; readonly finding: Finding }
  )

/** A shorter part of a day says too little for an advance. */
const LEAST_PART = 0.5
/** A source whose repute fell sends to those who engage alone for so long. */
const REPUTE_DAYS = 14
/** So many, lest one who declines slowly be compared with yesterday. */
const USUAL_DAYS = 28
const YESTERDAY = "yesterday's"

/** Of the `USUAL_DAYS` before the day, but for those on which fewer engaged than was usual then. */
export function usualBefore(signals: Signals, { day, history }: WarmUpPosition): Usual {
  const odd = new Set(history.flatMap((each) => (each.isUnengaged ? each.day : [])))
  let [engaged, delivered] = [0, 0]
  for (let each = day - USUAL_DAYS; each < day; each++) {
    if (odd.has(each)) continue
    const counts = signals.day(each)
    engaged += counts.engaged
    delivered += counts.delivered
  }
  return { engaged, delivered }
}

export function verdictOf(
  report: DayReport,
  schedule: WarmUpSchedule,
  policy: WarmUpPolicy,
): DayVerdict {
  const { codeOf, counts, day, mar, pausesInRow, stage, state, where } = report
  const sent = answersIn(counts)
  if (sent === 0) return idleDay(report, schedule, policy)
  const calm = { excellentDays: 0, idleDays: 0 }
  const finding = graver(
    worstOf(counts, policy, lateIn(report)),
    unengaged(counts, report.usual, policy),
  )
  // What it was paused for within the day has had its consequence.
  const isPaid = mar?.kind === 'paused'
  if (finding !== null && finding.level === 'pause' && !isPaid)
    return { ...calm, kind: 'pause', finding }
  if (state === 'warm') return warmDay(report, finding, schedule)
  if (finding?.kind === 'foldered' && finding.level === 'hold' && !isFolderedMore(report, finding))
    return goodDay(report, sent, schedule, policy)
  const reason = finding && findingText(finding, YESTERDAY, codeOf(finding.kind))
  const wasPutOff = finding !== null && isPutOff(finding)
  // Who was put off has found out how much more it may be a day.
  const sober = wasPutOff || isPaid ? { soberUntilDay: day + REMEMBERED_DAYS } : {}
  const wall =
    wasPutOff && !isPaid && pausesInRow === 0 ? wallAfter(report.wall, stage, day) : undefined
  const ceiling = wall && ceilingOf(wall, backWithin(schedule, stage, counts.delivered), policy)
  if (ceiling) {
    const { days, ...rest } = ceiling
    const text =
      `Stepped back to ${aDay(allowanceAt(schedule, rest.stage))}${where}, and no further for ${days} days: ` +
      `${reason}, not for the first time.`
    return { ...calm, ...sober, kind: 'stepBack', stage: rest.stage, text, ceiling: rest, wall }
  }
  const marks = { ...calm, ...sober, ...(wall && { wall }) }
  if (finding !== null && finding.level !== 'hold' && !isPaid && stage > 0) {
    const text = `Stepped back to ${aDay(allowanceAt(schedule, stage - 1))}${where}: ${reason}.`
    return { ...marks, kind: 'stepBack', stage: stage - 1, text }
  }
  const why = reason ?? (isPaid ? mar.text : null)
  const allowance = allowanceAt(schedule, stage)
  if (why !== null) {
    const text = `Held at ${aDay(allowance)}${where}: ${why}. Tried again tomorrow.`
    return { ...marks, kind: 'hold', stage, text }
  }
  return goodDay(report, sent, schedule, policy)
}

/** Its signals were good: it advances where it was used. */
function goodDay(
  report: DayReport,
  sent: number,
  schedule: WarmUpSchedule,
  policy: WarmUpPolicy,
): DayVerdict {
  const { ceiling, counts, day, excellentDays, mar, part, stage, where } = report
  const allowance = allowanceAt(schedule, stage)
  const isExcellentDay = mar === null && isExcellent(counts, policy, lateIn(report))
  const excelled = isExcellentDay ? excellentDays + 1 : 0
  const sober = mar === null ? {} : { soberUntilDay: day + REMEMBERED_DAYS }
  const highest = ceiling !== undefined && day < ceiling.untilDay ? ceiling.stage : Infinity
  const isAtCeiling = stage >= highest
  if (isAtCeiling || part < LEAST_PART || sent < policy.goodPart * allowance * part)
    return { ...sober, kind: 'none', stage, text: '', excellentDays: excelled, idleDays: 0 }
  const how = `${number(sent)} of ${number(allowance)} were used yesterday`
  if (isLast(schedule, stage)) {
    const text = `Warm${where}: ${how}, and that was the last stage of ${schedule.name}.`
    return { ...sober, kind: 'warm', stage, text, excellentDays: 0, idleDays: 0 }
  }
  const isSober = day < (sober.soberUntilDay ?? report.soberUntilDay ?? 0)
  const maySkip = stage + 2 <= highest && (!isSober || isGentleLeap(schedule, stage))
  const isSkip = excelled >= policy.excellentDays && !isLast(schedule, stage + 1) && maySkip
  const next = stage + (isSkip ? 2 : 1)
  const skipped = isSkip ? `, past ${aDay(allowanceAt(schedule, stage + 1))}` : ''
  const share = percent(counts.deferred / sent)
  const limit = percent(policy.thresholds.deferred.hold)
  const text =
    `Advanced to ${aDay(allowanceAt(schedule, next))}${where}${skipped}: ${how}, ` +
    `${share} were deferred (limit ${limit}).`
  const streak = isSkip ? 0 : excelled
  return { ...sober, kind: 'advance', stage: next, text, excellentDays: streak, idleDays: 0 }
}

/** A warm source is left alone until it goes wrong by much; then it grows again from half of what it sends. */
function warmDay(
  { codeOf, counts, day, stage, where }: DayReport,
  finding: Finding | null,
  schedule: WarmUpSchedule,
): DayVerdict {
  const calm = { excellentDays: 0, idleDays: 0 }
  if (finding === null || (finding.level === 'hold' && !isOfRepute(finding)))
    return { ...calm, kind: 'none', stage, text: '' }
  const isRepute = isOfRepute(finding)
  const back = stageWithin(schedule, answersIn(counts) / (isRepute ? 4 : 2))
  const reason = findingText(finding, YESTERDAY, codeOf(finding.kind))
  const text = `Warm no more${where}, and held at ${aDay(allowanceAt(schedule, back))}: ${reason}.`
  const ceiling = { stage: back, untilDay: day + REPUTE_DAYS }
  return { ...calm, kind: 'stepBack', stage: back, text, ...(isRepute && { ceiling }) }
}

function lateIn({ before, returnedShare }: DayReport): Late {
  return { delivered: before.delivered, returnedShare }
}

/** A newcomer's mail goes to the spam folder until it is known: that alone is no reason to wait, but that it grows is. */
function isFolderedMore({ before }: DayReport, { count, of }: Finding): boolean {
  return isMore(count, of, before.foldered, before.foldered + before.inboxed, DAILY)
}

/** The second time it goes at least a stage back, and to what was taken. */
function backWithin(schedule: WarmUpSchedule, stage: number, delivered: number): number {
  return Math.min(Math.max(0, stage - 1), stageWithin(schedule, delivered))
}

/** What goes on below the answers, and ends in a block where nobody heeds it. */
function isOfRepute({ kind }: Finding): boolean {
  return kind === 'complained' || kind === 'foldered' || kind === 'unengaged'
}

/** What is not used is forgotten by the provider. */
function idleDay(
  { idleDays, stage, state, where }: DayReport,
  schedule: WarmUpSchedule,
  policy: WarmUpPolicy,
): DayVerdict {
  const idle = idleDays + 1
  const common = { excellentDays: 0, idleDays: idle }
  const isCold = idle >= policy.coldDays
  if (idle < policy.idleDays || (state !== 'warm' && stage === 0))
    return { ...common, kind: 'none', stage, text: '' }
  const back = isCold ? 0 : Math.max(0, stage - 1)
  const what = isCold ? 'Cold again' : 'Cooled'
  const text = `${what}${where}, to ${aDay(allowanceAt(schedule, back))}: nothing was sent for ${idle} days.`
  return { ...common, kind: 'cool', stage: back, text }
}
