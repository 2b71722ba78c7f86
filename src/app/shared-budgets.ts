// SPDX-License-Identifier: Apache-2.0
/** Where connections and rates come from, and what replies have taught: alone from the limits themselves, beside other workers from the ledger that control keeps. */
import { messages } from '../api/channel/messages.ts'
import { ControlClient } from '../api/control-client.ts'
import { seconds } from '../base/brand.ts'
import { type Clock, deadlineSignal } from '../base/clock.ts'
import { type ConnectionSlots, OwnSlots } from '../queue/shaping/connection-slots.ts'
import { LedgerRounds } from '../queue/shaping/ledger-rounds.ts'
import type { LessonBook } from '../queue/shaping/lesson-book.ts'
import type { Lessons, Taught } from '../queue/shaping/lessons.ts'
import { OwnLessons } from '../queue/shaping/own-lessons.ts'
import { OwnRates } from '../queue/shaping/own-rates.ts'
import type { Rates } from '../queue/shaping/rates.ts'
import { controlSocketFile } from './data-files.ts'
import type { WorkerPlace } from './worker-place.ts'

/** A ledger that has not answered by then is as good as away. */
const PATIENCE = seconds(2)

export interface Budgets {
  readonly slots: ConnectionSlots
  readonly rates: Rates
  readonly lessons: Lessons
}

export interface BudgetParts {
  readonly dataDir: string
  readonly place: WorkerPlace
  readonly clock: Clock
  /** Of a process that is alone. */
  readonly book: LessonBook | null
  /** Replies to this process have taught something. */
  readonly onTaught: (taught: Taught) => void
}

export function budgetsOf({ book, clock, dataDir, onTaught, place }: BudgetParts): Budgets {
  const { index, count } = place
  if (book !== null)
    return {
      slots: new OwnSlots(),
      rates: new OwnRates(),
      lessons: new OwnLessons(book, clock, onTaught),
    }
  const control = new ControlClient(controlSocketFile(dataDir))
  return new LedgerRounds(
    (ask) =>
      control.ask(messages.borrow, { worker: index, ...ask }, deadlineSignal(clock, PATIENCE)),
    clock,
    { index, count },
    onTaught,
  )
}
