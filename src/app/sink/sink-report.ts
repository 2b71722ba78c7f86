// SPDX-License-Identifier: Apache-2.0
/** What `posthaste sink` prints: one aligned line a message or one line of JSON, and a summary at the end. */
import type { Instant } from '../../base/brand.ts'
import { formatDuration, formatSize } from '../../base/quantity.ts'
import { formatReply } from '../../protocol/reply.ts'
import { printable } from '../cli/layout.ts'
import type { SinkMessage, SinkRefusal } from './sink-context.ts'
import type { Tally } from './tally.ts'

/** How things are said: for people, or one JSON object a line. */
export interface SinkReport {
  readonly listening: (where: string) => string
  readonly message: (message: SinkMessage) => string
  readonly refusal: (refusal: SinkRefusal) => string
  readonly summary: (tally: Tally, elapsedMs: number) => string
}

export const jsonReport: SinkReport = {
  listening: (where) => JSON.stringify({ outcome: 'listening', where }),
  message: ({ at, content: _content, ...facts }) =>
    JSON.stringify({ outcome: 'accepted', at: timestamp(at), ...facts }),
  refusal: ({ at, ...facts }) =>
    JSON.stringify({ outcome: 'refused', at: timestamp(at), ...facts }),
  summary: ({ messages, octets, counts }, elapsedMs) =>
    JSON.stringify({ outcome: 'summary', messages, octets, seconds: elapsedMs / 1_000, counts }),
}

export const humanReport: SinkReport = {
  listening: (where) => `Listening on ${where}. End with Ctrl-C.`,
  message: ({ at, size, tls, reversePath, recipients, messageId }) =>
    line(at, 'accepted', formatSize(size), tls ?? 'clear', reversePath, [
      recipients.join(', '),
      messageId ?? '(no Message-ID)',
    ]),
  refusal: ({ at, reply, reversePath, recipient }) =>
    line(at, `${reply.code} ${reply.enhanced ?? ''}`, '', '', reversePath, [
      recipient,
      formatReply(reply),
    ]),
  summary: humanSummary,
}

/** In columns: `12:30:00.123  accepted    4.2 KiB  TLSv1.3  <shop@example.org> → …`. */
function line(
  at: Instant,
  outcome: string,
  size: string,
  tls: string,
  reversePath: string,
  rest: readonly string[],
): string {
  const columns = [
    timestamp(at).slice(11, 23),
    outcome.padEnd(10),
    size.padStart(9),
    tls.padEnd(7),
    `<${reversePath}> → ${rest.join('  ')}`,
  ]
  return printable(columns.join('  '))
}

function humanSummary({ messages, octets, counts }: Tally, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (messages * 1_000) / elapsedMs : 0
  const others = Object.entries(counts).filter(([name, count]) => count > 0 && name !== 'accepted')
  const width = Math.max(0, ...others.map(([name]) => name.length))
  return [
    `${counted(messages, 'message')} for ${counted(counts.accepted, 'recipient')}, ` +
      `${formatSize(octets)}, ` +
      `in ${formatDuration(elapsedMs)} (${rate.toFixed(1)}/s)`,
    ...others.map(([name, count]) => `  ${name.padEnd(width)}  ${count}`),
  ].join('\n')
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function timestamp(at: Instant): string {
  return new Date(at).toISOString()
}
