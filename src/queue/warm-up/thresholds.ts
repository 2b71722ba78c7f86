// SPDX-License-Identifier: Apache-2.0
/** From which share on a signal holds a warm-up back, sets it back, or pauses it; where each default comes from. */
import type { SignalKind } from './signals.ts'

export interface Threshold {
  /** Shares, 0 to 1: growing. */
  readonly hold: number
  readonly stepBack: number
  readonly pause: number
}

export const judgedKinds = ['refused', 'deferred', 'complained', 'bounced', 'foldered'] as const
export type JudgedKind = Extract<SignalKind, (typeof judgedKinds)[number]>
/** By how much fewer engage than in the days before. */
export const limitedKinds = [...judgedKinds, 'unengaged'] as const
export type LimitedKind = (typeof limitedKinds)[number]

/** To whom a source in warm-up sends first, and to whom not yet. Days. */
export interface EngagedPolicy {
  /** Who engaged within so many goes first, then who did within so many more. */
  readonly recentDays: number
  readonly someDays: number
  /** Who has not engaged for so many goes last, and through no source that began less than so many ago. */
  readonly staleDays: number
  readonly earlyDays: number
}

export interface WarmUpPolicy {
  readonly thresholds: { readonly [Kind in LimitedKind]: Threshold }
  /** Of the day's allowance that must have been sent for an advance. */
  readonly goodPart: number
  /** After so many excellent days in a row a stage is passed over; `Infinity`: none ever is. */
  readonly excellentDays: number
  /** What is left of the pace after an hour that was doubtful. */
  readonly slowTo: number
  /** How long the first, second, … pause in a row is, hours. */
  readonly pauseHours: readonly number[]
  /** How long it goes no further after it was put off at the same volume a second, third, … time, days. */
  readonly waitDays: readonly number[]
  readonly engaged: EngagedPolicy
  /** After so many days without mail it goes back a stage a day; after so many it is cold. */
  readonly idleDays: number
  readonly coldDays: number
}

/**
 * Deferred: ours; 2 % in a day is more than healthy sources see, a third of all is a provider that wants us to stop.
 * Refused for policy or reputation: ours, as such a refusal is already a block of some.
 * Bounced: Postmark reviews at 2 %; Amazon SES reviews at 5 % and pauses at 10 %.
 * Complained: Gmail wants below 0.1 % and acts at 0.3 %, as Yahoo; Amazon SES reviews at 0.1 % and pauses at 0.5 %.
 * In the spam folder: ours. Fewer who open or click: ours; nothing pauses for it, since a web server that is down looks the same.
 */
export const defaultPolicy: WarmUpPolicy = {
  thresholds: {
    deferred: { hold: 0.02, stepBack: 0.1, pause: 0.3 },
    refused: { hold: 0.005, stepBack: 0.02, pause: 0.1 },
    bounced: { hold: 0.02, stepBack: 0.05, pause: 0.1 },
    complained: { hold: 0.001, stepBack: 0.003, pause: 0.005 },
    foldered: { hold: 0.3, stepBack: 0.5, pause: 0.9 },
    unengaged: { hold: 0.3, stepBack: 0.5, pause: 1 },
  },
  // SparkPost repeats a stage of which less than 90 % was delivered; we count what was sent.
  goodPart: 0.75,
  excellentDays: 2,
  slowTo: 0.5,
  pauseHours: [4, 8, 16, 24],
  // Ours: doubled, as pauses are; the last is about what the thirty daily stages of SparkPost's warm-up take as a whole.
  waitDays: [2, 4, 8, 16, 28],
  // SparkPost: in weeks 1 and 2 who engaged within 30 days, in weeks 3 and 4 within 60, nobody of more than 90 in the first six.
  engaged: { recentDays: 30, someDays: 60, staleDays: 90, earlyDays: 42 },
  // SparkPost stops a warm-up after 10 idle days; senders' advice is that after about 30 a source is cold.
  idleDays: 10,
  coldDays: 30,
}

/** A threshold that could never count; `null`: all can. */
export function flawInPolicy({
  thresholds,
}: WarmUpPolicy): { readonly kind: LimitedKind; readonly text: string } | null {
  for (const kind of limitedKinds) {
    const { hold, pause, stepBack } = thresholds[kind]
    if (hold > stepBack || stepBack > pause)
      return { kind, text: 'expected "hold" to be at most "step_back", and that at most "pause"' }
  }
  return null
}
