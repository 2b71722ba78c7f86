// SPDX-License-Identifier: Apache-2.0
/**
 * The `Received` field that we add. RFC 5321 §4.4, RFC 3848 and 6531 (`with`). Everything in it that a peer chose is either
 * checked or left out, so that nobody writes header lines through us.
 */
import { isInternational, parseDomain } from '../protocol/mailbox.ts'
import { formatDateTime } from '../protocol/message/date-time.ts'
import type { ContentOptions, TraceFacts } from './content-options.ts'

/** The field with its CRLF. */
export function receivedField(facts: ContentOptions): string {
  const { trace } = facts
  const from = trace.helo === '' ? '' : `from ${peerName(trace.helo)}${peerAddress(trace)}\r\n\t`
  const tls =
    trace.tls === null ? '' : `(using ${trace.tls.version} with ${trace.tls.cipher})\r\n\t`
  const by = `by ${facts.hostname} with ${trace.protocol} id ${facts.id}`
  // RFC 6710 §5.
  const priority = facts.priority === 0 ? '' : `\r\n\tPRIORITY ${facts.priority}`
  return `Received: ${from}${tls}${by}${forClause(facts)}${priority};\r\n\t${formatDateTime(facts.now)}\r\n`
}

/** HELO is what the peer claims: a domain or an address literal, or not worth repeating. */
function peerName(helo: string): string {
  return parseDomain(helo) ?? 'unknown'
}

/** RFC 5321 §4.1.3. */
function peerAddress(trace: TraceFacts): string {
  if (!/^[\d.:a-f]+$/i.test(trace.address)) return ''
  return trace.address.includes(':') ? ` ([IPv6:${trace.address}])` : ` ([${trace.address}])`
}

function forClause(facts: ContentOptions): string {
  const mailbox = facts.forRecipient
  if (mailbox === null || (isInternational(mailbox) && !facts.smtputf8)) return ''
  return `\r\n\tfor <${mailbox}>`
}
