// SPDX-License-Identifier: Apache-2.0
/**
 * How a recipient gets no more of it: by a mail to the inbound listener, with the token of that recipient as the subject, and where
 * this relay serves a web, by one click (RFC 8058). Of a message of one recipient alone, for all would see one field, and who of them
 * wants no more would be a guess.
 */
import { type Instant, plus } from '../base/brand.ts'
import type { WaysOut } from '../content/content-policy.ts'
import { type MessageId, messageIdOctets } from '../events/ids.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { Domain } from '../protocol/mailbox.ts'
import { type TokenSealer, UNSUBSCRIBE_GOOD_FOR } from '../protocol/token.ts'
import type { Directory } from '../records/directory.ts'
import { type LinkHosts, UNSUBSCRIBE_WAY } from '../records/link-hosts.ts'
import type { Slug, Stream } from '../records/records.ts'
import { domainFor } from './gate.ts'

export interface UnsubscribableMail {
  readonly id: MessageId
  readonly tenant: Slug
  readonly stream: Stream
  readonly envelope: Envelope
  /** Of the first mailbox in From. */
  readonly from: Domain | null
  readonly now: Instant
}

/** `null`: it has several recipients, is nobody's (a report), or its domain is not set up. */
export function waysOutOf(
  sealer: TokenSealer,
  directory: Directory,
  links: LinkHosts | null,
  { envelope, from, id, now, stream, tenant }: UnsubscribableMail,
): WaysOut | null {
  const [recipient, ...others] = envelope.recipients
  if (recipient === undefined || others.length > 0 || envelope.reversePath === null) return null
  const domain = from === null ? null : domainFor(directory, tenant, from)
  if (domain === null) return null
  const expiresAt = plus(plus(now, stream.expiresAfter), UNSUBSCRIBE_GOOD_FOR)
  const token = sealer.seal(tenant, messageIdOctets(id), 0, recipient.forwardPath, expiresAt)
  const mailto = `mailto:unsubscribe@${domain.returnPathDomain}?subject=${token}`
  return { mailto, oneClick: links?.linkOf(domain, UNSUBSCRIBE_WAY, token) ?? null }
}
