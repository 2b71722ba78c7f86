// SPDX-License-Identifier: Apache-2.0
/** What workers borrow from the control process. */
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../base/clock.ts'
import type { Ledger } from '../../queue/shaping/ledger.ts'
import type { RequestLedger } from '../http/request-ledger.ts'
import { answerOn } from './answer-on.ts'
import { messages } from './messages.ts'

export function addLedgerRoute(
  app: FastifyInstance,
  ledger: Ledger,
  requests: RequestLedger,
  clock: Clock,
): void {
  answerOn(app, messages.requests, async ({ key, window }) => requests.lend(key, window))
  answerOn(app, messages.borrow, async ({ worker, ...ask }) =>
    ledger.ask(worker, ask, clock.monotonic(), clock.now()),
  )
}
