// SPDX-License-Identifier: Apache-2.0
/**
 * What of a message is made for its one recipient: ways out of it, links that count, and a picture. All of it costs nothing where a
 * message asks for none. A message of several recipients gets none: all would see one content.
 */
import type { Beginning } from '../content/content-intake.ts'
import type { ContentPolicy } from '../content/content-policy.ts'
import type { LinkTracker } from '../content/link-tracker.ts'
import { type MessageId, messageIdOctets } from '../events/ids.ts'
import type { LinkSealer } from '../protocol/link-token.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { TokenSealer } from '../protocol/token.ts'
import type { Directory } from '../records/directory.ts'
import { CLICK_WAY, type LinkHosts, OPEN_WAY } from '../records/domains/link-hosts.ts'
import type { SendingDomain, Tracked } from '../records/records.ts'
import { domainFor } from './gate/gate.ts'
import type { Handling } from './handling.ts'
import { type LinkedMail, waysOutOf } from './list-unsubscribe.ts'

export interface LinkingContext {
  /** For the word in List-Unsubscribe, and those in other links. */
  readonly sealer: TokenSealer
  readonly linkSealer: LinkSealer
  /** Where links of ours lead; `null`: no web is served. */
  readonly links: LinkHosts | null
  readonly directory: () => Directory
}

const NO_WEB = reply(
  550,
  '5.6.0',
  'Tracking was asked for, and this relay serves no links that could count: see [web] in its configuration',
)

/** Most messages do not. */
export function wantsLinks({ stream, tracks }: Handling): boolean {
  return stream.addsUnsubscribe || tracks.length > 0
}

export function contentPolicyOf(
  context: LinkingContext,
  mail: LinkedMail,
  { fromDomain }: Beginning,
): ContentPolicy | { readonly refused: Reply } {
  const { directory, links, sealer } = context
  const { isTrackingAsked, stream, tracks } = mail.handling
  if (isTrackingAsked && links === null) return { refused: NO_WEB }
  const from = fromDomain()
  const domain = from === null ? null : domainFor(directory(), mail.tenant, from)
  const recipients = mail.envelope.recipients.length
  if (domain === null || recipients !== 1 || mail.envelope.reversePath === null) return stream
  const unsubscribe = stream.addsUnsubscribe ? waysOutOf(sealer, links, domain, mail) : null
  const tracking =
    links === null || tracks.length === 0
      ? null
      : linkTracker(context.linkSealer, links, domain, mail.id, tracks)
  return {
    ...stream,
    ...(unsubscribe !== null && { unsubscribe }),
    ...(tracking !== null && { tracking }),
  }
}

function linkTracker(
  sealer: LinkSealer,
  links: LinkHosts,
  domain: SendingDomain,
  id: MessageId,
  tracks: readonly Tracked[],
): LinkTracker {
  const token = { messageId: messageIdOctets(id), recipientIndex: 0 }
  const origin = links.originOf(domain)
  const link = (target: string) =>
    `${origin}/${CLICK_WAY}/${sealer.seal(token, 'click', target)}/${Buffer.from(target).toString('base64url')}`
  return {
    link: tracks.includes('clicks') ? link : null,
    pixel: tracks.includes('opens')
      ? `${origin}/${OPEN_WAY}/${sealer.seal(token, 'open', '')}.gif`
      : null,
    isExempt: ({ host }) => links.whose(host) !== null,
  }
}
