// SPDX-License-Identifier: Apache-2.0
/** Events as they happen, on the control socket of the process that reads the journals. */
import type { FastifyInstance } from 'fastify'
import type { EventFeed } from '../../spool/event-feed.ts'
import { eventLines, streamLines } from './event-stream.ts'
import { messages } from './messages.ts'

/** `stopping` aborts when the relay stops, so that streams end. */
export function addFeedRoute(app: FastifyInstance, feed: EventFeed, stopping: AbortSignal): void {
  app.get(messages.tail.path, (request, answer) => {
    const { from } = messages.tail.read(request.query)
    return streamLines(answer, stopping, (signal) => eventLines(feed, from, signal))
  })
}
