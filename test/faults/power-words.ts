// SPDX-License-Identifier: Apache-2.0
/** What the traced process and who checks the disk after it have in common. */
export const JOURNAL_FOLDER = 'journal'
export const ANSWERS_FILE = 'answers'

/** So that segments close, die and are copied forward all the time, and much of the content has files. */
export const POWER_LIMITS = {
  segmentOctets: 6_000,
  inlineOctets: 1_500,
  dirtyRecipients: 5,
  checkpointMs: 10,
  outcomeSyncMs: 10,
  reserveOctets: 0,
  lowWaterOctets: 0,
  viewPauseMs: 0,
  outcomeWriteMs: 0,
}

export type Said =
  | {
      readonly what: 'submitted'
      readonly id: string
      readonly recipients: number
      readonly hash: string
    }
  | { readonly what: 'accepted'; readonly id: string }
  | {
      readonly what: 'settling' | 'settled'
      readonly id: string
      readonly index: number
      readonly isFinal: boolean
    }
