// SPDX-License-Identifier: Apache-2.0
/**
 * As what a message is handled: its stream and labels. Who says so first is believed:
 *
 *   the user name of the login ▸ `X-Posthaste-Stream` ▸ the field of the API ▸ a stream that is for the From domain
 *   ▸ the credential's (or the trusted network's) ▸ the tenant's default
 *
 * For the sandbox it is where one of message, request, credential or stream says so; none can take that back.
 */
import type { Instant } from '../base/brand.ts'
import { serverLimits } from '../base/limits/limits.ts'
import { nearest } from '../base/nearest.ts'
import type { Beginning } from '../content/content-intake.ts'
import type { ControlFields } from '../content/control-fields.ts'
import { coveringEntry } from '../protocol/domain-cover.ts'
import type { Domain } from '../protocol/mailbox.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { campaignKey } from '../records/campaigns/campaign.ts'
import type { Directory } from '../records/directory.ts'
import { parseSlug, type Slug, type Stream, type Tracked } from '../records/records.ts'
import type { Labels } from '../spool/message.ts'
import type { Labelling, Submitter } from './acceptor.ts'
import type { CampaignWish } from './campaign-wishes.ts'

export interface Handling {
  readonly stream: Stream
  readonly campaign: string | null
  readonly labels: Labels | null
  /** `null`: at once, or when the envelope says. */
  readonly sendAt: Instant | null
  /** It goes to nobody. */
  readonly sandbox: boolean
  /** What is counted of it. */
  readonly tracks: readonly Tracked[]
  /** The message or its request says so, and not only its stream. */
  readonly isTrackingAsked: boolean
  /** As its submitter says, 0 to 100. */
  readonly engagement: number | null
  /** What it says of when mail of its campaign goes; `null`: nothing. */
  readonly wish: CampaignWish | null
}

export type HandlingVerdict = Handling | { readonly refused: Reply }

export function handlingOf(
  directory: Directory,
  submitter: Submitter,
  labelling: Labelling,
  { said, fromDomain }: Beginning,
  now: Instant,
): HandlingVerdict {
  if (said.sendAt !== null && said.sendAt - now > serverLimits.futureReleaseMs)
    return refuse('X-Posthaste-Send-At: that is more than 30 days from now')
  const stream = streamOf(directory, submitter, said.stream, labelling.stream, fromDomain)
  if ('refused' in stream) return stream
  const campaign = said.campaign ?? labelling.campaign
  if (campaign !== null && isCancelled(directory, submitter.tenant, campaign))
    return { refused: reply(550, '5.7.1', `Campaign "${campaign}" was cancelled`) }
  const sandbox = said.sandbox || labelling.sandbox || submitter.isSandbox || stream.isSandbox
  const wish = wishOf(said, labelling, campaign)
  if (wish !== null && 'refused' in wish) return wish
  const asked = said.tracks ?? labelling.tracks
  return {
    stream,
    campaign,
    labels: labelsOf(said, labelling.labels),
    sendAt: said.sendAt,
    sandbox,
    tracks: asked ?? stream.tracks,
    isTrackingAsked: asked !== null && asked.length > 0,
    engagement: said.engagement ?? labelling.engagement,
    // What nobody gets decides about nothing.
    wish: sandbox ? null : wish,
  }
}

function wishOf(
  said: ControlFields,
  { spread }: Labelling,
  campaign: string | null,
): CampaignWish | { readonly refused: Reply } | null {
  const sendWindow = said.sendWindow ?? spread?.sendWindow ?? null
  const pace = said.pace ?? spread?.pace ?? null
  if (sendWindow === null && pace === null) return null
  if (campaign !== null) return { campaign, sendWindow, pace }
  const field = sendWindow === null ? 'Pace' : 'Send-Window'
  return refuse(
    `X-Posthaste-${field}: it is for all mail of a campaign, and the message names none: add X-Posthaste-Campaign`,
  )
}

function isCancelled({ campaigns }: Directory, tenant: Slug, name: string): boolean {
  if (campaigns.size === 0) return false
  return campaigns.get(campaignKey(tenant, name))?.state.kind === 'cancelled'
}

function streamOf(
  directory: Directory,
  { tenant, stream, usualStream }: Submitter,
  inHeader: string | null,
  inRequest: Slug | null,
  fromDomain: () => Domain | null,
): Stream | { readonly refused: Reply } {
  const named = stream && directory.stream(tenant, stream)
  if (named) return named
  if (inHeader !== null) return streamInHeader(directory, tenant, inHeader)
  const found =
    (inRequest && directory.stream(tenant, inRequest)) ||
    streamFor(directory, tenant, fromDomain) ||
    (usualStream && directory.stream(tenant, usualStream)) ||
    directory.defaultStream(tenant)
  return found ?? refuse(`account ${tenant} has no stream any more`)
}

function streamInHeader(directory: Directory, tenant: Slug, text: string) {
  const name = parseSlug(text.toLowerCase())
  const found = name && directory.stream(tenant, name)
  if (found) return found
  const names = directory.streamsOf(tenant).map((stream) => stream.name)
  const meant = nearest(text.slice(0, 64), names)
  return refuse(
    `X-Posthaste-Stream: this account has no such stream; ${meant ? `did you mean ${meant}?` : `it has ${names.join(', ')}`}`,
  )
}

/** The stream for the longest of the domains that From is in or below. */
function streamFor(
  directory: Directory,
  tenant: Slug,
  fromDomain: () => Domain | null,
): Stream | null {
  const streams = directory.streamsByFrom(tenant)
  if (streams.size === 0) return null
  const name = fromDomain()
  return name && coveringEntry(streams, name)
}

function labelsOf({ tags, metadata }: ControlFields, given: Labels | null): Labels | null {
  if (tags === null && metadata === null) return given
  return {
    tags: tags ?? given?.tags ?? [],
    metadata: { ...given?.metadata, ...metadata },
  }
}

function refuse(text: string): { readonly refused: Reply } {
  return { refused: reply(550, '5.6.0', text) }
}
