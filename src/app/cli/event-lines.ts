// SPDX-License-Identifier: Apache-2.0
/** Events as a person reads them: one line each, and what was said below it. */
import { formatDuration } from '../../base/quantity.ts'
import type { Event } from '../../events/event.ts'
import { formatReply } from '../../protocol/reply.ts'
import { printable } from './layout.ts'
import type { Style, Terminal } from './terminal.ts'

const styles: Readonly<Record<string, Style>> = {
  'message.received': 'cyan',
  'message.delivered': 'green',
  'message.deferred': 'yellow',
  'message.delayed': 'yellow',
  'message.bounced': 'red',
  'message.expired': 'red',
  'message.rejected': 'red',
}

/** `12:00:00.123 delivered  01J… jane@example.net 250 2.0.0 Ok (mx.example.net, 120 ms)`. */
export function eventLine(terminal: Terminal, event: Event): string {
  const time = terminal.styled('dim', event.at.slice(0, 23).replace('T', ' '))
  const name = event.type.replace(/^message\./, '').padEnd(12)
  return `${time} ${terminal.styled(styles[event.type] ?? 'bold', name)} ${printable(inWords(event))}`
}

/** Below the line: where the time went, and the dialog. */
export function eventDetails(terminal: Terminal, event: Event): readonly string[] {
  if (!('conversation' in event)) return []
  const { beforeQueue, inQueue, connect, transmit } = event.delays
  const tls =
    event.tls === null
      ? 'no TLS'
      : `${event.tls.version} ${event.tls.cipher}${event.tls.verified ? '' : ', certificate not verified'}`
  const times = [
    `before the queue ${formatDuration(beforeQueue)}`,
    `in it ${formatDuration(inQueue)}`,
    `connecting ${formatDuration(connect)}`,
    `sending ${formatDuration(transmit)}`,
  ]
  const facts = [`attempt ${event.attempt}`, `source ${event.source}`, tls, ...times].join(' · ')
  const next = event.type === 'message.deferred' ? [`next attempt ${event.nextAttemptAt}`] : []
  return [facts, ...next, ...event.conversation].map((line) =>
    terminal.styled('dim', `    ${printable(line)}`),
  )
}

function inWords(event: Event): string {
  switch (event.type) {
    case 'message.received':
      return `${event.messageId} from <${event.reversePath}> to ${event.recipients.slice(0, 3).join(', ')}${event.recipients.length > 3 ? ` and ${event.recipients.length - 3} more` : ''}, ${event.size} octets by ${event.protocol} from ${event.peer}`
    case 'message.rejected':
      return `${formatReply(event.reply)} to ${event.peer} ${event.recipient ?? ''}`
    case 'message.delivered':
    case 'message.deferred':
    case 'message.bounced':
      return `${event.messageId} ${event.recipient} ${formatReply(event.reply)} (${event.mx ?? event.site})`
    case 'message.expired':
      return `${event.messageId} ${event.recipient} after ${event.attempts} attempts${event.lastReply ? `; last reply ${formatReply(event.lastReply)}` : ''}`
    case 'message.delayed':
      return `${event.messageId} ${event.recipient}: its submitter was told that it waits; it is tried until ${event.retriesUntil}`
    default:
      return event.text
  }
}
