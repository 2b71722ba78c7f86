// SPDX-License-Identifier: Apache-2.0
/** The machine-readable part of a DSN: `message/delivery-status`, RFC 3464 §2, and its UTF-8 form, RFC 6533 §4. */

import { isInternational } from '../mailbox.ts'
import { formatDateTime } from '../message/date-time.ts'
import { foldWords } from '../message/fold-words.ts'
import { formatReply, type Reply } from '../reply.ts'
import { decodeXtext } from '../smtp/xtext.ts'
import type { Fate, Report, ReportedRecipient } from './report-facts.ts'

const actions = {
  bounced: 'failed',
  expired: 'failed',
  delayed: 'delayed',
  relayed: 'relayed',
} as const satisfies Record<Fate['kind'], string>

/** RFC 3463 §3.5: delivery time expired. */
const EXPIRED = '4.4.7'

/** Lines without CRLF: the message's fields, then a group for each recipient, each ended by an empty line. */
export function deliveryStatus(report: Report, utf8: boolean): string[] {
  const { envid, release } = report.envelope
  return [
    ...(envid === null ? [] : [field('Original-Envelope-Id', envid, utf8)]),
    `Reporting-MTA: dns; ${report.hostname}`,
    `Arrival-Date: ${formatDateTime(report.arrivedAt)}`,
    // RFC 4865: what the submitter had asked for.
    ...(release === undefined ? [] : [`Future-Release-Request: ${release.asked}`]),
    '',
    ...report.recipients.flatMap((recipient) => [...recipientFields(recipient, utf8), '']),
  ]
}

function recipientFields(reported: ReportedRecipient, utf8: boolean): string[] {
  const { forwardPath, originalRecipient } = reported.recipient
  const { fate, remoteMta, reply, said, lastAttemptAt } = reported
  const type = isInternational(forwardPath) ? 'utf-8' : 'rfc822'
  const fields = [
    `Final-Recipient: ${type}; ${forwardPath}`,
    `Action: ${actions[fate.kind]}`,
    `Status: ${statusOf(fate, reply)}`,
  ]
  if (originalRecipient !== null)
    fields.unshift(field('Original-Recipient', originalOf(originalRecipient, utf8), utf8))
  if (remoteMta !== null) fields.push(field('Remote-MTA', `dns; ${remoteMta}`, utf8))
  // RFC 3464 §2.3.6: `smtp` are the words of another host.
  if (reply !== null) {
    const diagnostic = `${said === 'us' ? 'X-Posthaste' : 'smtp'}; ${formatReply(reply)}`
    fields.push(field('Diagnostic-Code', diagnostic, utf8))
  }
  if (lastAttemptAt !== null) fields.push(`Last-Attempt-Date: ${formatDateTime(lastAttemptAt)}`)
  if (fate.kind === 'delayed') fields.push(`Will-Retry-Until: ${formatDateTime(fate.retriesUntil)}`)
  return fields
}

/** RFC 3464 §2.3.4: the receiver's own where it gave one of the right class, else what is known. */
function statusOf({ kind }: Fate, reply: Reply | null): string {
  const given = /^[245]\.\d{1,3}\.\d{1,3}$/.exec(reply?.enhanced ?? '')?.[0] ?? null
  switch (kind) {
    case 'expired':
      return EXPIRED
    case 'bounced':
      if (given !== null && !given.startsWith('2')) return given
      return reply !== null && reply.code < 500 ? '4.0.0' : '5.0.0'
    case 'delayed':
      return given?.startsWith('4') ? given : '4.0.0'
    case 'relayed':
      return given?.startsWith('2') ? given : '2.0.0'
  }
}

/**
 * ORCPT without its encoding (RFC 3461 §4.2). An international one (RFC 6533 §3) stands in a report of US-ASCII as it stands on
 * the wire, else as what it means.
 */
function originalOf(parameter: string, utf8: boolean): string {
  const semicolon = parameter.indexOf(';')
  const type = parameter.slice(0, semicolon)
  const address = parameter.slice(semicolon + 1)
  if (type.toLowerCase() !== 'utf-8') return `${type};${decodeXtext(address) ?? address}`
  return `${type};${utf8 ? decodeUnitext(address) : address}`
}

function decodeUnitext(address: string): string {
  return address.replaceAll(/\\x\{([0-9A-F]{2,6})\}/g, (written, hex: string) => {
    const code = Number.parseInt(hex, 16)
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : written
  })
}

function field(name: string, value: string, utf8: boolean): string {
  return `${name}: ${foldWords(value, utf8).join('\r\n\t')}`
}
