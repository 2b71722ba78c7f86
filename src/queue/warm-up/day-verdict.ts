// SPDX-License-Identifier: Apache-2.0
/** What a day that is over comes to: whether the next one may be more. A function of what is known of the day. */
import { type Finding, isExcellent, worstOf } from './judgement.ts'
import { allowanceAt, isLast, stageWithin, type WarmUpSchedule } from './schedule.ts'
import { answersIn, type Counts, type SignalKind } from './signals.ts'
import type { WarmUpPolicy } from './thresholds.ts'
import type { Mar } from './warm-up-state.ts'
import { aDay, findingText, number, percent } from './words.ts'

export interface DayReport {
  /** It was not paused then. */
  readonly state: 'advancing' | 'holding' | 'warm' | 'paused'
  readonly stage: number
  readonly counts: Counts
  /** The day before it. */
  readonly before: Counts
  /** Of the day in which it could send. */
  readonly part: number
  readonly mar: Mar | null
  readonly excellentDays: number
  readonly idleDays: number
  /** " at Outlook". */
  readonly where: string
  readonly codeOf: (kind: SignalKind) => string | null
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
      }
    | { readonly kind: 'pause'; readonly finding: Finding }
  )

/** A shorter part of a day says too little for an advance. */
const LEAST_PART = 0.5
const YESTERDAY = "yesterday's"

export function verdictOf(
  report: DayReport,
  schedule: WarmUpSchedule,
  policy: WarmUpPolicy,
): DayVerdict {
  const { before, codeOf, counts, mar, stage, state, where } = report
  const sent = answersIn(counts)
  if (sent === 0) return idleDay(report, schedule, policy)
  const calm = { excellentDays: 0, idleDays: 0 }
  const finding = worstOf(counts, policy, before.delivered)
  // What it was paused for within the day has had its consequence.
  const isPaid = mar?.kind === 'paused'
  if (finding !== null && finding.level === 'pause' && !isPaid)
    return { ...calm, kind: 'pause', finding }
  if (state === 'warm') return warmDay(report, finding, schedule)
  const reason = finding && findingText(finding, YESTERDAY, codeOf(finding.kind))
  if (finding !== null && finding.level !== 'hold' && !isPaid && stage > 0) {
    const text = `Stepped back to ${aDay(allowanceAt(schedule, stage - 1))}${where}: ${reason}.`
    return { ...calm, kind: 'stepBack', stage: stage - 1, text }
  }
  const why = reason ?? mar?.text ?? null
  const allowance = allowanceAt(schedule, stage)
  if (why !== null) {
    const text = `Held at ${aDay(allowance)}${where}: ${why}. Tried again tomorrow.`
    return { ...calm, kind: 'hold', stage, text }
  }
  return goodDay(report, sent, schedule, policy)
}

/** Its signals were good: it advances where it was used. */
function goodDay(
  { before, counts, excellentDays, part, stage, where }: DayReport,
  sent: number,
  schedule: WarmUpSchedule,
  policy: WarmUpPolicy,
): DayVerdict {
  const allowance = allowanceAt(schedule, stage)
  const excelled = isExcellent(counts, policy, before.delivered) ? excellentDays + 1 : 0
  if (part < LEAST_PART || sent < policy.goodPart * allowance * part)
    return { kind: 'none', stage, text: '', excellentDays: excelled, idleDays: 0 }
  const how = `${number(sent)} of ${number(allowance)} were used yesterday`
  if (isLast(schedule, stage)) {
    const text = `Warm${where}: ${how}, and that was the last stage of ${schedule.name}.`
    return { kind: 'warm', stage, text, excellentDays: 0, idleDays: 0 }
  }
  const isSkip = excelled >= policy.excellentDays && !isLast(schedule, stage + 1)
  const next = stage + (isSkip ? 2 : 1)
  const skipped = isSkip ? `, past ${aDay(allowanceAt(schedule, stage + 1))}` : ''
  const share = percent(counts.deferred / sent)
  const limit = percent(policy.thresholds.deferred.hold)
  const text =
    `Advanced to ${aDay(allowanceAt(schedule, next))}${where}${skipped}: ${how}, ` +
    `${share} were deferred (limit ${limit}).`
  return { kind: 'advance', stage: next, text, excellentDays: isSkip ? 0 : excelled, idleDays: 0 }
}

/** A warm source is left alone until it goes wrong by much; then it grows again from half of what it sends. */
function warmDay(
  { codeOf, counts, stage, where }: DayReport,
  finding: Finding | null,
  schedule: WarmUpSchedule,
): DayVerdict {
  const calm = { excellentDays: 0, idleDays: 0 }
  if (finding === null || finding.level === 'hold')
    return { ...calm, kind: 'none', stage, text: '' }
  const back = stageWithin(schedule, answersIn(counts) / 2)
  const reason = findingText(finding, YESTERDAY, codeOf(finding.kind))
  const text = `Warm no more${where}, and held at ${aDay(allowanceAt(schedule, back))}: ${reason}.`
  return { ...calm, kind: 'stepBack', stage: back, text }
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
