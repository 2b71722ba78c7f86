// SPDX-License-Identifier: Apache-2.0
/**
 * What MAIL asks for beyond a plain envelope: REQUIRETLS (RFC 8689), a later release (RFC 4865), a priority (RFC 6710);
 * what is refused of it, and what goes with the message.
 */
import { type Instant, instant } from '../../base/brand.ts'
import type { DeliveryWishes, Release } from '../envelope.ts'
import type { Reply } from '../reply.ts'
import type { MailCommand } from './command.ts'
import type { Hold } from './parameters.ts'
import { serverReplies } from './server-replies.ts'

/** What is known when they are asked for. */
export interface WishContext {
  readonly now: Instant
  readonly isSecure: boolean
  readonly isAuthenticated: boolean
  /** How far ahead a release may lie. */
  readonly futureReleaseMs: number
}

const NOTHING: DeliveryWishes = {}

export function wishRefusal(command: MailCommand, context: WishContext): Reply | null {
  // RFC 8689 §3: offered within TLS alone.
  if (command.requireTls && !context.isSecure) return serverReplies.requireTlsNotOffered
  if (command.hold === null) return null
  const { at } = releaseOf(command.hold, context.now)
  return at - context.now > context.futureReleaseMs ? serverReplies.releaseTooFar : null
}

/** Known limits: a release that is past, or a priority of 0, is as if it was not asked for. */
export function wishesOf(command: MailCommand, context: WishContext): DeliveryWishes {
  const { hold, requireTls } = command
  const priority = isPriorityIgnored(command, context) ? 0 : (command.priority ?? 0)
  if (hold === null && !requireTls && priority === 0) return NOTHING
  const release = hold && releaseOf(hold, context.now)
  return {
    ...(requireTls ? { requireTls } : {}),
    ...(priority === 0 ? {} : { priority }),
    ...(release && release.at > context.now ? { release } : {}),
  }
}

/** RFC 6710 §4.1: a priority is for those whom we know; the reply says that it was changed. */
export function isPriorityIgnored(command: MailCommand, context: WishContext): boolean {
  return !context.isAuthenticated && command.priority !== null && command.priority !== 0
}

function releaseOf(hold: Hold, now: Instant): Release {
  return hold.kind === 'for'
    ? { at: instant(now + hold.seconds * 1_000), asked: `for;${hold.seconds}` }
    : { at: hold.at, asked: `until;${hold.written}` }
}
