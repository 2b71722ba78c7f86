// SPDX-License-Identifier: Apache-2.0
/** Whose mail is complained about, or bounces, more than the operator wants: told once in a window, and paused where that is wished. Campaigns are marked. */
import { messageOf } from '../../base/errors.ts'
import { rateLimits } from '../../base/limits/rate-limits.ts'
import type { Log } from '../../base/log.ts'
import {
  actOnCampaign,
  type CampaignId,
  campaignOf,
  changeCampaign,
} from '../../records/campaigns/campaign-service.ts'
import {
  bounceRate,
  complaintRate,
  noCounts,
  type RateSubject,
  type RateSum,
} from '../../records/rate.ts'
import type { Slug } from '../../records/records.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import { queueName } from '../../spool/queue-name.ts'
import type { MailDesk } from '../desk/mail-desk.ts'
import { OTHER } from './rate-counts.ts'

export interface RateThresholds {
  /** 0–1; complaints of what was delivered, bounces of what ended. */
  readonly complaintRate: number
  readonly bounceRate: number
  /** What is suspended where it is over one of them. */
  readonly pauses: readonly ('stream' | 'campaign')[]
}

export interface RateWatchParts {
  readonly records: Pick<RecordsContext, 'store' | 'clock'>
  readonly desk: Pick<MailDesk, 'announce' | 'refresh' | 'suspend'>
  readonly thresholds: () => RateThresholds
  readonly log: Log
}

/** Looks at each of these; `OTHER` names are nobody's. */
export async function watchRates(
  parts: RateWatchParts,
  subjects: readonly RateSubject[],
): Promise<void> {
  const { log, records } = parts
  const today = Math.floor(records.clock.now() / rateLimits.dayMs)
  const since = today - rateLimits.windowDays + 1
  for (const subject of subjects) {
    const [sum] = await records.store.rates.sums({ ...subject, since }, 1)
    if (sum === undefined) continue
    try {
      const high = sum.told > 0 ? null : highRate(sum, parts.thresholds())
      if (high === null) {
        await markComplained(parts, sum)
        continue
      }
      await records.store.rates.add([{ ...subject, ...noCounts, day: today, told: 1 }])
      await act(parts, sum, high)
    } catch (thrown) {
      // The workers are being replaced, or no more campaigns can be marked; the numbers stand in the records, and in metrics.
      log.warn({ error: messageOf(thrown), ...subject }, 'a high rate cannot be told now')
    }
  }
}

interface HighRate {
  readonly what: 'complaints' | 'bounces'
  readonly text: string
}

/** `null`: none is, or too few ends say so. */
export function highRate(sum: RateSum, thresholds: RateThresholds): HighRate | null {
  const { bounced, complained, delivered, reported } = sum
  const { leastBounces, leastComplaints, leastEnds } = rateLimits
  if (delivered + bounced < leastEnds) return null
  if (complained >= leastComplaints && complaintRate(sum) >= thresholds.complaintRate)
    return {
      what: 'complaints',
      text: `${complained} complaints about ${delivered} delivered mails, ${percent(complaintRate(sum))} (at most ${percent(thresholds.complaintRate)} is wanted)`,
    }
  if (bounced + reported >= leastBounces && bounceRate(sum) >= thresholds.bounceRate)
    return {
      what: 'bounces',
      text: `${bounced} mails bounced at once and ${reported} of ${delivered} delivered ones later, ${percent(bounceRate(sum))} (at most ${percent(thresholds.bounceRate)} is wanted)`,
    }
  return null
}

async function act(parts: RateWatchParts, subject: RateSum, high: HighRate): Promise<void> {
  const { desk, thresholds } = parts
  const { dimension, name, tenant } = subject
  const isPaused = thresholds().pauses.some((each) => each === dimension)
  const resume = `"${dimension === 'campaign' ? 'campaign' : 'queue'} resume"`
  const then = isPaused ? `; paused, until somebody says ${resume}` : ''
  const text = `${dimension} ${name} of tenant ${tenant}: ${high.text} in ${rateLimits.windowDays} days${then}`
  await desk.announce(dimension === 'campaign' ? ofCampaign[high.what] : high.what, text, tenant)
  if (dimension === 'campaign') await judge(parts, subject, high, isPaused)
  else if (isPaused)
    for (const pattern of queuesOf(subject))
      await desk.suspend(pattern, BY, `${dimension} ${name}: ${high.text}`)
}

/** Marks a campaign, and pauses it where that is wished. */
async function judge(
  { desk, records }: RateWatchParts,
  subject: RateSum,
  { text: why }: HighRate,
  isPaused: boolean,
): Promise<void> {
  const id = idOf(subject)
  const mark = { kind: 'high-rate', why, since: records.clock.now() } as const
  await changeCampaign(records, id, { mark })
  if (!isPaused) return
  const { changed } = await actOnCampaign(records, id, 'pause', { by: BY, why })
  await desk.refresh()
  if (!changed) return
  const text = `${BY} paused campaign ${id.name} of tenant ${id.tenant}: ${why}`
  await desk.announce('campaignPaused', text, id.tenant)
}

/** The first complaint; how many there are stands in the rates. */
async function markComplained({ records }: RateWatchParts, subject: RateSum): Promise<void> {
  const { complained, delivered, dimension, name } = subject
  if (dimension !== 'campaign' || complained === 0 || name === OTHER) return
  const id = idOf(subject)
  if ((await campaignOf(records.store, id))?.mark) return
  const why = `${complained} ${complained === 1 ? 'complaint' : 'complaints'} about ${delivered} delivered mails`
  await changeCampaign(records, id, {
    mark: { kind: 'complained', why, since: records.clock.now() },
  })
}

const BY = 'posthaste'
const ofCampaign = { complaints: 'campaignComplaints', bounces: 'campaignBounces' } as const

function idOf({ name, tenant }: RateSubject): CampaignId {
  return { tenant: tenant as Slug, name }
}

function queuesOf({ name, tenant }: RateSubject): readonly string[] {
  const rest = { tenant, domain: '*' as Parameters<typeof queueName>[0]['domain'] }
  const plain = queueName({ ...rest, stream: name, campaign: null })
  return [plain, queueName({ ...rest, stream: name, campaign: 'x' }).replace('.x:', '.*:')]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}
