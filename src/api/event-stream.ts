// SPDX-License-Identifier: Apache-2.0
/**
 * Events as JSON lines over HTTP, as they happen. A reader that is slow stops the reading of the log for
 * itself alone: the socket's buffer is the only one.
 */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { MailDesk } from '../control/mail-desk.ts'

export function streamEvents(
  answer: FastifyReply,
  desk: MailDesk,
  from: 'now' | 'oldest',
  stopping: AbortSignal,
): FastifyReply {
  const gone = new AbortController()
  answer.raw.once('close', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, stopping])
  const lines = Readable.from(linesOf(desk, from, signal))
  return answer.type('application/x-ndjson').send(lines)
}

async function* linesOf(
  desk: MailDesk,
  from: 'now' | 'oldest',
  signal: AbortSignal,
): AsyncIterable<string> {
  // The first line goes at once, so that whoever asked knows that the relay listens.
  yield '\n'
  for await (const event of desk.tail(from, signal)) yield `${JSON.stringify(event)}\n`
}
