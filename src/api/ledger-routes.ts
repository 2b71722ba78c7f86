// SPDX-License-Identifier: Apache-2.0
/** What workers borrow from the control process. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import type { ConnectionLedger } from '../queue/connection-ledger.ts'

const slotsBody = z.object({
  worker: z.number().int().min(0),
  asks: z.array(
    z.object({ site: z.string(), used: z.number().int().min(0), wanted: z.number().int().min(0) }),
  ),
})

export function addLedgerRoutes(
  app: FastifyInstance,
  ledger: ConnectionLedger,
  clock: Clock,
): void {
  app.post('/v1/ledger/connections', async (request) => {
    const { worker, asks } = slotsBody.parse(request.body)
    return { grants: ledger.ask(worker, asks, clock.monotonic()) }
  })
}
