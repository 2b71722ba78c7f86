// SPDX-License-Identifier: Apache-2.0
/** What a DSN says to a person, first. One paragraph for each fate, then who shares it and in whose words. */
import { formatDateTime } from '../message/date-time.ts'
import { foldWords } from '../message/fold-words.ts'
import { formatReply } from '../reply.ts'
import type { Fate, Report, ReportedRecipient } from './report-facts.ts'

/** In the order in which a reader should learn of them; the first one that is there makes the subject. */
const texts = {
  bounced: {
    subject: 'Your message could not be delivered',
    text: [
      'Your message could not be delivered to the following recipients. It will not',
      'be tried again.',
    ],
  },
  expired: {
    subject: 'Your message could not be delivered in time',
    text: [
      'Your message could not be delivered to the following recipients in time. It was',
      'tried again and again, and will not be any more.',
    ],
  },
  delayed: {
    subject: 'Your message is delayed',
    text: [
      'Your message has not been delivered to the following recipients yet. You need not',
      'do anything: it is tried again, and you will be told if that does not help.',
    ],
  },
  relayed: {
    subject: 'Your message was passed on',
    text: [
      'Your message was passed on to the mail systems of the following recipients, which',
      'have taken it. You will hear nothing more of it, unless they cannot deliver it.',
    ],
  },
} as const satisfies Record<Fate['kind'], { subject: string; text: readonly string[] }>

const order = [
  'bounced',
  'expired',
  'delayed',
  'relayed',
] as const satisfies readonly Fate['kind'][]

export function subjectOf({ recipients }: Report): string {
  const first = order.find((kind) => recipients.some(({ fate }) => fate.kind === kind))
  return texts[first ?? 'bounced'].subject
}

/** Lines without CRLF. */
export function explanation(report: Report, utf8: boolean): string[] {
  const lines = [
    `This is the mail system at ${report.hostname}.`,
    '',
    `It is about a message that came here on ${formatDateTime(report.arrivedAt)}.`,
  ]
  for (const kind of order) {
    const those = report.recipients.filter(({ fate }) => fate.kind === kind)
    if (those.length > 0) lines.push('', ...texts[kind].text)
    for (const reported of those) {
      lines.push('', `<${reported.recipient.forwardPath}>`)
      lines.push(...foldWords(reasonOf(reported), utf8).map((line) => `    ${line}`))
    }
  }
  lines.push('', 'The technical details are attached, and so is what you sent or its beginning.')
  return lines
}

function reasonOf({ fate, reply, said, remoteMta }: ReportedRecipient): string {
  const host = said === 'us' || remoteMta === null ? 'This mail system' : `The host ${remoteMta}`
  const words = reply === null ? 'no host answered' : `${host} said: ${formatReply(reply)}`
  switch (fate.kind) {
    case 'bounced':
    case 'relayed':
      return words
    case 'expired':
      return reply === null ? 'It was never answered.' : `At the last attempt: ${words}`
    case 'delayed': {
      const until = `It is tried until ${formatDateTime(fate.retriesUntil)}.`
      return reply === null ? until : `${until} At the last attempt: ${words}`
    }
  }
}
