// SPDX-License-Identifier: Apache-2.0
/**
 * In which band each recipient of a message is (`spool/band.ts`), while some source is being warmed up: else nobody asks. What its
 * submitter says counts; where nothing is said, what the records know.
 */
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { engagementLimits } from '../base/limits/engagement-limits.ts'
import type { Log } from '../base/log.ts'
import type { AddressHasher } from '../protocol/address-hash.ts'
import type { Mailbox } from '../protocol/mailbox.ts'
import { bandOfDay, bandOfScore } from '../queue/warm-up/engagement-band.ts'
import { dayOf } from '../queue/warm-up/signals.ts'
import type { EngagedPolicy } from '../queue/warm-up/thresholds.ts'
import type { Directory } from '../records/directory.ts'
import type { EngagementRecords } from '../records/engagement.ts'
import type { Handling } from './handling.ts'

export interface BandingContext {
  readonly clock: Clock
  readonly log: Log
  readonly directory: () => Directory
  readonly engagement: Pick<EngagementRecords, 'lastDays'>
  readonly hasher: AddressHasher
  readonly engagedPolicy: () => EngagedPolicy
}

/** `null`: nobody needs it. Never rejects. */
export function findBands(
  context: BandingContext,
  tenant: string,
  { engagement, sandbox, stream }: Handling,
  recipients: readonly { readonly forwardPath: Mailbox }[],
): string | null | Promise<string | null> {
  // What never waits for a warm-up has no use for it.
  if (!context.directory().hasColdSources || sandbox || stream.whenCold === 'pass') return null
  if (engagement !== null) return String(bandOfScore(engagement)).repeat(recipients.length)
  return lookedUp(context, tenant, recipients).catch((thrown: unknown) => {
    // The store cannot be asked now.
    context.log.warn({ error: messageOf(thrown) }, 'recipients are taken without their engagement')
    return null
  })
}

async function lookedUp(
  { clock, engagedPolicy, engagement, hasher }: BandingContext,
  tenant: string,
  recipients: readonly { readonly forwardPath: Mailbox }[],
): Promise<string> {
  const hashes = recipients.map(({ forwardPath }) => hasher.hash(tenant, forwardPath))
  const today = dayOf(clock.now())
  const policy = engagedPolicy()
  const { askedTogether } = engagementLimits
  let bands = ''
  for (let at = 0; at < hashes.length; at += askedTogether) {
    const found = await engagement.lastDays(tenant, hashes.slice(at, at + askedTogether))
    bands += found.map((day) => bandOfDay(day, today, policy)).join('')
  }
  return bands
}
