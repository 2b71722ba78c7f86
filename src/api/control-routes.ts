// SPDX-License-Identifier: Apache-2.0
/** What the command line asks of a running relay, as HTTP with JSON over the control socket. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { RelayError } from '../base/errors.ts'
import type { Explanation } from '../control/explain.ts'
import type { LocalSend, SendRequest } from '../control/local-send.ts'
import type { QueueActions } from '../control/queue-actions.ts'
import type { QueueViews } from '../control/queue-views.ts'
import { unknownQueue } from '../control/unknown-queue.ts'
import type { Event } from '../events/event.ts'
import { parseMessageId } from '../events/ids.ts'
import type { EventLog } from '../spool/event-log.ts'
import type { QueueName } from '../spool/queue-name.ts'
import { streamEvents } from './event-stream.ts'

export interface RelayStatus {
  readonly node: string
  readonly version: string
  readonly pid: number
  readonly startedAt: string
  readonly spool: { readonly kind: string; readonly why?: string }
}

export interface ControlServices {
  readonly status: () => RelayStatus
  readonly views: QueueViews
  readonly actions: QueueActions
  readonly events: EventLog
  readonly explain: (address: string) => Promise<Explanation>
  readonly send: LocalSend
  /** Aborts when the relay stops, so that streams end. */
  readonly stopping: AbortSignal
}

const onQueue = z.object({
  pattern: z.string().min(1),
  by: z.string(),
  reason: z.string().default(''),
})
const showQuery = z.object({
  queue: z.string(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
})
const sendBody = z.object({
  tenant: z.string(),
  stream: z.string().nullable(),
  reversePath: z.string(),
  recipients: z.array(z.string()).min(1),
  content: z.string(),
})

export function addControlRoutes(app: FastifyInstance, services: ControlServices): void {
  const { actions, views } = services
  app.get('/v1/status', () => services.status())
  app.get('/v1/queues', () => ({ queues: views.list(), sites: views.sites() }))
  app.get('/v1/queues/show', async (request) => {
    const { queue, limit } = showQuery.parse(request.query)
    const rows = views.list()
    const row = rows.find((candidate) => candidate.queue === queue)
    if (!row) {
      const known = rows.map((candidate) => candidate.queue)
      throw unknownQueue(`nothing waits in "${queue}"`, queue, known)
    }
    return { queue: row, recipients: await views.show(queue as QueueName, limit) }
  })
  app.post('/v1/queues/suspend', async (request) => {
    const { pattern, by, reason } = onQueue.parse(request.body)
    await actions.suspend(pattern, by, reason)
    return { pattern }
  })
  app.post('/v1/queues/resume', async (request) => {
    const { pattern, by } = onQueue.parse(request.body)
    await actions.resume(pattern, by)
    return { pattern }
  })
  app.post('/v1/queues/retry', async (request) => {
    const { pattern, by } = onQueue.parse(request.body)
    return { pattern, recipients: await actions.retry(pattern, by) }
  })
  app.post('/v1/queues/bounce', async (request) => {
    const { pattern, by, reason } = onQueue.parse(request.body)
    return { pattern, recipients: await actions.bounce(pattern, by, reason) }
  })
  app.get('/v1/trace', async (request) => {
    const { message } = z.object({ message: z.string() }).parse(request.query)
    return { events: await trace(services.events, message) }
  })
  app.get('/v1/explain', (request) =>
    services.explain(z.object({ address: z.string() }).parse(request.query).address),
  )
  // An empty cursor is the oldest event that is kept; none is now.
  app.get('/v1/tail', (request, answer) => {
    const { cursor } = z.object({ cursor: z.string().optional() }).parse(request.query)
    const from = cursor === '' ? null : (cursor ?? 'now')
    return streamEvents(answer, services.events, from, services.stopping)
  })
  app.post('/v1/send', (request) =>
    services.send.send(sendBody.parse(request.body) satisfies SendRequest),
  )
}

async function trace(events: EventLog, text: string): Promise<readonly Event[]> {
  const id = parseMessageId(text)
  if (id === null)
    throw new RelayError(
      'RLY_USAGE',
      `"${text}" is not a message id: expected 26 letters and digits`,
    )
  const found = await events.trace(id)
  if (found.length === 0)
    throw new RelayError('RLY_MESSAGE_UNKNOWN', `no events of message ${id} are kept here`)
  return found
}
