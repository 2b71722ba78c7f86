// SPDX-License-Identifier: Apache-2.0
/** What a worker and the ledger say to each other; a question is for all lanes that want something by then. */
import type { SlotAsk, SlotGrant } from './connection-ledger.ts'
import type { RateAsk, RateGrant } from './lending.ts'
import type { LessonAnswer, LessonAsk } from './lent-lessons.ts'

export interface LedgerAsk {
  readonly connections: readonly SlotAsk[]
  readonly rates: readonly RateAsk[]
  readonly lessons: LessonAsk
}

export interface LedgerAnswer {
  /** `false`: it does not know yet what others have; go by the share of each limit. */
  readonly isLending: boolean
  readonly connections: readonly SlotGrant[]
  readonly rates: readonly RateGrant[]
  readonly lessons: LessonAnswer
}

/** Puts the question to the ledger; rejects where nobody answers in good time. */
export type AskLedger = (ask: LedgerAsk) => Promise<LedgerAnswer>
