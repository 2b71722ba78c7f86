// SPDX-License-Identifier: Apache-2.0
/**
 * Where a recipient writes to for no more of it: the inbound listener, with the token of that recipient as the subject. Of a
 * message of one recipient alone, for all would see one field, and who of them wants no more would be a guess.
 */
import { type Instant, plus } from '../base/brand.ts'
import { type MessageId, messageIdOctets } from '../events/ids.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { Domain } from '../protocol/mailbox.ts'
import { type TokenSealer, UNSUBSCRIBE_GOOD_FOR } from '../protocol/token.ts'
import type { Directory } from '../records/directory.ts'
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
export function unsubscribeUrl(
  sealer: TokenSealer,
  directory: Directory,
  { envelope, from, id, now, stream, tenant }: UnsubscribableMail,
): string | null {
  const [recipient, ...others] = envelope.recipients
  if (recipient === undefined || others.length > 0 || envelope.reversePath === null) return null
  const domain = from === null ? null : domainFor(directory, tenant, from)
  if (domain === null) return null
  const expiresAt = plus(plus(now, stream.expiresAfter), UNSUBSCRIBE_GOOD_FOR)
  const token = sealer.seal(tenant, messageIdOctets(id), 0, recipient.forwardPath, expiresAt)
  return `mailto:unsubscribe@${domain.returnPathDomain}?subject=${token}`
}
