// SPDX-License-Identifier: Apache-2.0
/** Where connections and rates come from: alone from the limits themselves, beside other workers from the ledger that control keeps. */
import { messages } from '../api/channel/messages.ts'
import { ControlClient } from '../api/control-client.ts'
import { seconds } from '../base/brand.ts'
import { type Clock, deadlineSignal } from '../base/clock.ts'
import { type ConnectionSlots, OwnSlots } from '../queue/shaping/connection-slots.ts'
import { LedgerRounds } from '../queue/shaping/ledger-rounds.ts'
import { OwnRates } from '../queue/shaping/own-rates.ts'
import type { Rates } from '../queue/shaping/rates.ts'
import { controlSocketFile } from './data-files.ts'
import type { WorkerPlace } from './worker-place.ts'

/** A ledger that has not answered by then is as good as away. */
const PATIENCE = seconds(2)

export interface Budgets {
  readonly slots: ConnectionSlots
  readonly rates: Rates
}

export function budgetsOf(dataDir: string, place: WorkerPlace, clock: Clock): Budgets {
  const { index, count } = place
  if (count === 1) return { slots: new OwnSlots(), rates: new OwnRates() }
  const control = new ControlClient(controlSocketFile(dataDir))
  return new LedgerRounds(
    (ask) =>
      control.ask(messages.borrow, { worker: index, ...ask }, deadlineSignal(clock, PATIENCE)),
    clock,
    { index, count },
  )
}
