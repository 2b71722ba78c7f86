// SPDX-License-Identifier: Apache-2.0
/** What tells recipients of one priority apart at a site that a source is being warmed up at; elsewhere they are all alike. */
import type { WhenCold } from '../records/records.ts'
import { type Band, UNKNOWN } from '../spool/band.ts'
import type { ReadyRecipient } from './ready-recipient.ts'

export interface Berth {
  /** Of its stream: what becomes of it where sources in warm-up have no room. */
  readonly whenCold: WhenCold
  readonly band: Band
}

export type BerthOf = (recipient: ReadyRecipient) => Berth

/** Which of them a path may carry now. */
export interface Reach {
  readonly has: (berth: Berth) => boolean
  /** Those that engage go first; else they take turns. */
  readonly isBestFirst: boolean
}

/** Of who is like all others. */
export const USUAL: Berth = { whenCold: 'overflow', band: UNKNOWN }

export function isSameBerth(one: Berth, other: Berth): boolean {
  return one.whenCold === other.whenCold && one.band === other.band
}
