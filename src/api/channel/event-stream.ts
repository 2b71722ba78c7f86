// SPDX-License-Identifier: Apache-2.0
/**
 * What happens, as JSON lines over HTTP. A reader that is slow stops the reading of the journals for itself alone: the
 * socket's buffer is the only one.
 */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { MailDesk } from '../../control/desk/mail-desk.ts'
import { formatCursor } from '../../events/cursor.ts'
import type { EventFeed } from '../../spool/event-feed.ts'

/** Each a value in JSON; ends when the reader is gone, or `stopping` aborts. */
export function streamLines(
  answer: FastifyReply,
  stopping: AbortSignal,
  lines: (signal: AbortSignal) => AsyncIterable<string>,
): FastifyReply {
  const gone = new AbortController()
  answer.raw.once('close', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, stopping])
  return answer.type('application/x-ndjson').send(Readable.from(greeted(lines(signal))))
}

export async function* eventLines(
  feed: EventFeed,
  from: 'now' | 'oldest',
  signal: AbortSignal,
): AsyncIterable<string> {
  for await (const { events } of feed.read(from, signal))
    for (const { event } of events) yield `${JSON.stringify(event)}\n`
}

export async function* positionLines(desk: MailDesk, signal: AbortSignal): AsyncIterable<string> {
  for await (const position of desk.positions(signal))
    yield `${JSON.stringify(formatCursor(position))}\n`
}

/** The first line goes at once, so that whoever asked knows that somebody listens. */
async function* greeted(lines: AsyncIterable<string>): AsyncIterable<string> {
  yield '\n'
  yield* lines
}
