// SPDX-License-Identifier: Apache-2.0
/**
 * Events as JSON lines over HTTP, as they happen. A reader that is slow stops the reading of the log for
 * itself alone: the socket's buffer is the only one.
 */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { EventLog } from '../spool/event-log.ts'

export function streamEvents(
  answer: FastifyReply,
  events: EventLog,
  cursor: string | null,
  stopping: AbortSignal,
): FastifyReply {
  const gone = new AbortController()
  answer.raw.once('close', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, stopping])
  const lines = Readable.from(linesOf(events, cursor, signal))
  return answer.type('application/x-ndjson').send(lines)
}

async function* linesOf(
  events: EventLog,
  cursor: string | null,
  signal: AbortSignal,
): AsyncIterable<string> {
  // The first line goes at once, so that whoever asked knows that the relay listens.
  yield '\n'
  for await (const { event } of events.read(cursor, signal)) yield `${JSON.stringify(event)}\n`
}
