// SPDX-License-Identifier: Apache-2.0
/** Events as a person reads them: one line each, and what was said below it. */
import { formatDuration } from '../../base/quantity.ts'
import type {
  BouncedEvent,
  DeferredEvent,
  DeliveredEvent,
  Event,
  ReportedBounceEvent,
} from '../../events/event.ts'
import type { HitEvent } from '../../events/hit-events.ts'
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
  'message.suppressed': 'yellow',
  'message.held': 'yellow',
  'message.damaged': 'red',
  'message.released': 'cyan',
  'message.cancelled': 'yellow',
  'message.retried': 'cyan',
  'message.rejected': 'red',
  'message.complained': 'red',
  'message.unsubscribed': 'yellow',
  'message.opened': 'cyan',
  'message.clicked': 'cyan',
  'report.received': 'cyan',
}

const reasonTexts = {
  bounce: 'bounced before',
  complaint: 'complained before',
  unsubscribe: 'has unsubscribed',
  manual: 'suppressed by a person',
} as const

const scopeTexts = {
  tenant: 'all mail of the tenant',
  stream: 'mail of its stream',
  list: 'mail of its list',
} as const

/** `12:00:00.123 delivered  01J… jane@example.net 250 2.0.0 Ok (mx.example.net, 120 ms)`. */
export function eventLine(terminal: Terminal, event: Event): string {
  const time = terminal.styled('dim', event.at.slice(0, 23).replace('T', ' '))
  const name = event.type.replace(/^message\./, '').padEnd(12)
  const where = 'sandbox' in event && event.sandbox ? ' · sandbox' : ''
  return `${time} ${terminal.styled(styles[event.type] ?? 'bold', name)} ${printable(inWords(event))}${where}`
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
  return [facts, ...meaningOf(event), ...next, ...event.conversation].map((line) =>
    terminal.styled('dim', `    ${printable(line)}`),
  )
}

/** Why a 5yz is tried again, too. */
function meaningOf(event: Event): readonly string[] {
  if (!('meaning' in event) || event.meaning === undefined) return []
  const { class: name, fault, rule } = event.meaning
  return [`means ${name}, fault: ${fault} (by ${rule})`]
}

function inWords(event: Event): string {
  switch (event.type) {
    case 'message.received':
      return `${event.messageId} from <${event.reversePath}> to ${event.recipients.slice(0, 3).join(', ')}${event.recipients.length > 3 ? ` and ${event.recipients.length - 3} more` : ''}, ${event.size} octets by ${event.protocol} from ${event.peer}${event.retryOf ? `; again, since ${event.retryOf} failed` : ''}`
    case 'message.rejected':
      return `${formatReply(event.reply)} to ${event.peer} ${event.recipient ?? ''}`
    case 'message.bounced':
      if (event.by === 'report') return reportedBounce(event)
      return ofAttempt(event)
    case 'message.complained':
      return `${event.messageId} ${event.recipient} calls it ${event.feedbackType}, says ${reporterOf(event)}`
    case 'message.unsubscribed':
      return `${event.messageId} ${event.recipient} wants no more, by ${event.by}`
    case 'message.opened':
      return `${event.messageId} ${event.recipient} has opened it${byMachine(event)}`
    case 'message.clicked':
      return `${event.messageId} ${event.recipient} has followed ${event.link}${byMachine(event)}`
    case 'report.received':
      return `${event.kind}, ${event.fate}: ${event.messageId ?? 'of no message that is known'}${event.recipient === null ? '' : ` ${event.recipient}`}, from ${reporterOf(event)}`
    case 'message.delivered':
    case 'message.deferred':
      return ofAttempt(event)
    case 'message.expired':
      return `${event.messageId} ${event.recipient} after ${event.attempts} attempts${event.lastReply ? `; last reply ${formatReply(event.lastReply)}` : ''}`
    case 'message.suppressed':
      return `${event.messageId} ${event.recipient}: ${reasonTexts[event.reason]} (suppression ${event.suppression}, ${scopeTexts[event.scope]})`
    case 'message.delayed':
      return `${event.messageId} ${event.recipient}: its submitter was told that it waits; it is tried until ${event.retriesUntil}`
    case 'message.held':
      return `${event.messageId} by ${event.by}: ${event.why}; until ${event.until}`
    case 'message.damaged':
      return `${event.messageId} ${event.recipient}: ${event.why}`
    case 'message.released':
    case 'message.cancelled':
      return `${event.messageId} ${event.recipient} by ${event.by}`
    case 'message.retried':
      return `${event.messageId} ${event.recipient} again as ${event.retriedAs}, by ${event.by}`
    default:
      return event.text
  }
}

function ofAttempt(event: DeliveredEvent | DeferredEvent | BouncedEvent): string {
  return `${event.messageId} ${event.recipient} ${formatReply(event.reply)} (${event.mx ?? event.site})`
}

/** It was delivered before, as far as we were told. */
function reportedBounce(event: ReportedBounceEvent): string {
  const { code, enhanced, text } = event.diagnosis
  const words = text === '' ? [code, enhanced].filter((part) => part !== null).join(' ') : text
  return `${event.messageId} ${event.recipient} after it was taken: ${words || 'no reason given'} (${reporterOf(event)})`
}

function reporterOf(event: {
  readonly reportingMta: string | null
  readonly peer: string
}): string {
  return event.reportingMta ?? event.peer
}

/** Nobody may have been there. */
function byMachine({ machine }: HitEvent): string {
  return machine === null ? '' : `, probably a machine (${machine})`
}
