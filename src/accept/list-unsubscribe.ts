// SPDX-License-Identifier: Apache-2.0
/**
 * How a recipient gets no more of it: by a mail to the inbound listener, with the token of that recipient as the subject, and where
 * this relay serves a web, by one click (RFC 8058).
 */
import { type Instant, plus } from '../base/brand.ts'
import type { WaysOut } from '../content/content-policy.ts'
import { type MessageId, messageIdOctets } from '../events/ids.ts'
import type { Envelope } from '../protocol/envelope.ts'
import { type TokenSealer, UNSUBSCRIBE_GOOD_FOR } from '../protocol/token.ts'
import { type LinkHosts, UNSUBSCRIBE_WAY } from '../records/domains/link-hosts.ts'
import type { SendingDomain, Slug } from '../records/records.ts'
import type { Handling } from './handling.ts'

export interface LinkedMail {
  readonly id: MessageId
  readonly tenant: Slug
  readonly envelope: Envelope
  readonly handling: Handling
  readonly now: Instant
}

/** Of its first recipient; `null`: it has none. */
export function waysOutOf(
  sealer: TokenSealer,
  links: LinkHosts | null,
  domain: SendingDomain,
  { envelope, handling, id, now, tenant }: LinkedMail,
): WaysOut | null {
  const [recipient] = envelope.recipients
  if (recipient === undefined) return null
  const expiresAt = plus(plus(now, handling.stream.expiresAfter), UNSUBSCRIBE_GOOD_FOR)
  const token = sealer.seal(tenant, messageIdOctets(id), 0, recipient.forwardPath, expiresAt)
  const mailto = `mailto:unsubscribe@${domain.returnPathDomain}?subject=${token}`
  return { mailto, oneClick: links?.linkOf(domain, UNSUBSCRIBE_WAY, token) ?? null }
}
