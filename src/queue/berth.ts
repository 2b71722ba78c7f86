// SPDX-License-Identifier: Apache-2.0
/** What tells recipients of one priority apart at a site that a source is being warmed up at; elsewhere they are all alike. */
import type { WhenCold } from '../records/records.ts'
import type { ReadyRecipient } from './ready-recipient.ts'

export interface Berth {
  /** Of its stream: what becomes of it where sources in warm-up have no room. */
  readonly whenCold: WhenCold
}

export type BerthOf = (recipient: ReadyRecipient) => Berth

/** Which of them a path may carry now. */
export type Reach = (berth: Berth) => boolean

/** Of who is like all others. */
export const USUAL: Berth = { whenCold: 'overflow' }

export function isSameBerth(one: Berth, other: Berth): boolean {
  return one.whenCold === other.whenCold
}
