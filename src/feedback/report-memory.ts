// SPDX-License-Identifier: Apache-2.0
/**
 * Which reports were recorded, so that each has its event once: a receiver that did not hear our 250 sends again, and some
 * report daily. Lives beside the journal that has the message.
 */
import type { MessageId } from '../events/ids.ts'
import type { FindingKind } from './finding.ts'

export interface ReportKey {
  readonly messageId: MessageId
  readonly recipientIndex: number
  readonly what: Exclude<FindingKind, 'noted'>
  /** What is only likely keeps nothing from what is proven; where that is known already it is known, too. */
  readonly isProven: boolean
}

/** `doubtful`: it was claimed and never confirmed, so that nobody knows whether its event was written. */
export type Claim = 'new' | 'known' | 'doubtful'

export interface ReportMemory {
  /** Before the event is written. A claim of this process that is not confirmed yet is `doubtful`, too. */
  claim(key: ReportKey): Claim
  /** The event is durable. */
  confirm(key: ReportKey): void
}
