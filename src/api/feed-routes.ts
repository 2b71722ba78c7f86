// SPDX-License-Identifier: Apache-2.0
/** Events as they happen, on the control socket of the process that reads the journals. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { EventFeed } from '../spool/event-feed.ts'
import { eventLines, streamLines } from './event-stream.ts'

const tailQuery = z.object({ from: z.enum(['now', 'oldest']).default('now') })

/** `stopping` aborts when the relay stops, so that streams end. */
export function addFeedRoutes(app: FastifyInstance, feed: EventFeed, stopping: AbortSignal): void {
  app.get('/v1/tail', (request, answer) => {
    const { from } = tailQuery.parse(request.query)
    return streamLines(answer, stopping, (signal) => eventLines(feed, from, signal))
  })
}
