// SPDX-License-Identifier: Apache-2.0
/** What the command line asks of a running relay, as HTTP with JSON over the control socket. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { RelayError } from '../base/errors.ts'
import type { MailDesk } from '../control/mail-desk.ts'
import { type MessageId, parseMessageId } from '../events/ids.ts'
import { positionLines, streamLines } from './event-stream.ts'

const onQueue = z.object({
  pattern: z.string().min(1),
  by: z.string(),
  reason: z.string().default(''),
})
const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(100_000).default(1_000) })
const showQuery = z.object({
  queue: z.string(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
})
const explainQuery = z.object({ address: z.string() })
const sendBody = z.object({
  tenant: z.string(),
  stream: z.string().nullable(),
  reversePath: z.string(),
  recipients: z.array(z.string()).min(1),
  content: z.string(),
  releaseAt: z.string().nullable().default(null),
  campaign: z.string().nullable().default(null),
  tags: z.array(z.string()).default([]),
  metadata: z.record(z.string(), z.string()).default({}),
  by: z.enum(['shell', 'http']).default('shell'),
  address: z.string().default('127.0.0.1'),
})

/** `stopping` aborts when the relay stops, so that streams end. */
export function addControlRoutes(
  app: FastifyInstance,
  desk: MailDesk,
  stopping: AbortSignal,
): void {
  app.get('/v1/status', () => desk.status())
  app.get('/v1/queues', (request) => desk.queues(listQuery.parse(request.query).limit))
  app.get('/v1/queues/show', (request) => {
    const { queue, limit } = showQuery.parse(request.query)
    return desk.show(queue, limit)
  })
  app.post('/v1/queues/suspend', async (request) => {
    const { pattern, by, reason } = onQueue.parse(request.body)
    await desk.suspend(pattern, by, reason)
    return { pattern }
  })
  app.post('/v1/queues/resume', async (request) => {
    const { pattern, by } = onQueue.parse(request.body)
    await desk.resume(pattern, by)
    return { pattern }
  })
  app.post('/v1/queues/retry', async (request) => {
    const { pattern, by } = onQueue.parse(request.body)
    return { pattern, recipients: await desk.retry(pattern, by) }
  })
  app.post('/v1/queues/bounce', async (request) => {
    const { pattern, by, reason } = onQueue.parse(request.body)
    return { pattern, recipients: await desk.bounce(pattern, by, reason) }
  })
  app.get('/v1/trace', async (request) => {
    const { message } = z.object({ message: z.string() }).parse(request.query)
    return { events: await desk.trace(messageIdIn(message)) }
  })
  app.get('/v1/explain', (request) => desk.explain(explainQuery.parse(request.query).address))
  app.get('/v1/positions', (_request, answer) =>
    streamLines(answer, stopping, (signal) => positionLines(desk, signal)),
  )
  app.post('/v1/send', (request) => desk.send(sendBody.parse(request.body)))
  app.post('/v1/refresh', async () => {
    await desk.refresh()
    return {}
  })
}

function messageIdIn(text: string): MessageId {
  const id = parseMessageId(text)
  if (id !== null) return id
  throw new RelayError('RLY_USAGE', `"${text}" is not a message id: expected 26 letters and digits`)
}
