// SPDX-License-Identifier: Apache-2.0
/** Hands a message to the relay for a tenant: durable when it resolves. */

import { type Instant, ms, plus } from '../../base/brand.ts'
import { messageOf, RelayError } from '../../base/errors.ts'
import { serverLimits } from '../../base/limits/limits.ts'
import type { Sent } from '../../control/desk/mail-desk.ts'
import { withCrlf } from '../../protocol/message/line-ends.ts'
import { type CampaignSpread, paceIn, windowIn } from '../../records/campaigns/campaign-spread.ts'
import type { TenantScope } from '../../records/tenant-scope.ts'
import { tenantOf } from '../../records/tenant-service.ts'
import type { ApiContext } from '../http/api-context.ts'
import type { Caller } from '../http/caller.ts'
import type { KeyedWork } from '../http/keyed-work.ts'
import { composeMessage, type MessageParts, mailboxOf } from './compose-message.ts'
import type { Address, Common, ComposedRequest, RawRequest } from './message-request.ts'

export interface HandIn {
  /** The message of a request with an Idempotency-Key. */
  readonly keyed: KeyedWork | null
  readonly caller: Caller
  readonly scope: TenantScope
  readonly context: ApiContext
}

export interface HandedIn {
  readonly id: string
  readonly suppressed: Sent['suppressed'][number][]
}

interface Envelope {
  readonly from: string
  readonly to: readonly string[]
}

/** Throws `RLY_REFUSED` with the reply that SMTP would have had. */
export async function handIn(
  { caller, scope, context, keyed }: HandIn,
  common: Common,
  envelope: Envelope,
  content: Buffer,
): Promise<HandedIn> {
  const { desk, records } = context
  if (desk === null)
    throw new RelayError('RLY_RELAY_NOT_RUNNING', 'no relay runs that could take the message')
  const before = keyed?.isAgain ? await foundBefore(context, keyed) : null
  if (before) return handedIn(before)
  checkSendAt(common.sendAt, records.clock.now())
  const spread = spreadIn(common)
  // A key's or a person's is known; with the records away, mail still comes in.
  const tenant = scope.kind === 'tenant' ? scope.tenant : (await tenantOf(records.store, scope)).id
  const sent = await desk.send({
    tenant,
    stream: common.stream,
    reversePath: envelope.from,
    recipients: envelope.to,
    content: content.toString('base64'),
    releaseAt: common.sendAt === null ? null : new Date(common.sendAt).toISOString(),
    campaign: common.campaign,
    tags: common.tags,
    metadata: common.metadata,
    sandbox: common.sandbox,
    tracks: common.track,
    engagement: common.engagement,
    spread,
    by: caller.kind === 'local' ? 'shell' : 'http',
    address: caller.address,
    once: keyed && { at: keyed.at, seed: keyed.seed },
    key: caller.kind === 'key' ? caller.key.id : null,
  })
  return handedIn(sent)
}

/** Whether a message was taken before cannot be told now, so that none of its request may be taken again. */
export class UnknownBefore extends RelayError {
  constructor(thrown: unknown) {
    super(
      'RLY_BUSY',
      `whether this was sent before cannot be told just now (${messageOf(thrown)}): ask again with the same Idempotency-Key`,
    )
  }
}

async function foundBefore({ sentBefore }: ApiContext, keyed: KeyedWork): Promise<Sent | null> {
  try {
    return (await sentBefore?.(keyed)) ?? null
  } catch (thrown) {
    throw new UnknownBefore(thrown)
  }
}

function handedIn({ messageId, suppressed }: Sent): HandedIn {
  return { id: messageId, suppressed: [...suppressed] }
}

export async function handInComposed(door: HandIn, request: ComposedRequest): Promise<HandedIn> {
  const to = recipientsOf(request.to, request.cc, request.bcc)
  return handIn(door, request, { from: mailboxOf(request.from), to }, await composeMessage(request))
}

export function handInRaw(door: HandIn, request: RawRequest): Promise<HandedIn> {
  return handIn(door, request, request.envelope, withCrlf(Buffer.from(request.raw, 'base64')))
}

export async function handInParts(
  door: HandIn,
  common: Common,
  parts: MessageParts,
): Promise<HandedIn> {
  const to = recipientsOf(parts.to)
  return handIn(door, common, { from: mailboxOf(parts.from), to }, await composeMessage(parts))
}

/** Each once, however often it was named. */
function recipientsOf(...lists: readonly (readonly Address[] | undefined)[]): readonly string[] {
  const all = [...new Set(lists.flatMap((list) => (list ?? []).map(mailboxOf)))]
  if (all.length === 0)
    throw new RelayError('RLY_RECORD_INVALID', 'nobody to send to: name one in "to", "cc" or "bcc"')
  if (all.length > serverLimits.recipientsPerMessage)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `${all.length} recipients in one message: at most ${serverLimits.recipientsPerMessage}`,
    )
  return all
}

/** What a message itself may say too, and then is believed. */
function spreadIn({ pace, sendWindow }: Common): CampaignSpread | null {
  if (pace === null && sendWindow === null) return null
  return { sendWindow: sendWindow && windowIn(sendWindow), pace: pace && paceIn(pace) }
}

function checkSendAt(sendAt: Instant | null, now: Instant): void {
  if (sendAt === null || sendAt <= plus(now, ms(serverLimits.futureReleaseMs))) return
  throw new RelayError('RLY_RECORD_INVALID', 'sendAt is more than 30 days from now')
}
