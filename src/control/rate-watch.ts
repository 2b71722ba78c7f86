// SPDX-License-Identifier: Apache-2.0
/** Whose mail is complained about, or bounces, more than the operator wants: told once in a window, and paused where that is wished. */
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { rateLimits } from '../base/rate-limits.ts'
import {
  bounceRate,
  complaintRate,
  noCounts,
  type RateSubject,
  type RateSum,
} from '../records/rate.ts'
import type { RecordsContext } from '../records/records-context.ts'
import { queueName } from '../spool/queue-name.ts'
import type { MailDesk } from './mail-desk.ts'

export interface RateThresholds {
  /** 0–1; complaints of what was delivered, bounces of what ended. */
  readonly complaintRate: number
  readonly bounceRate: number
  /** What is suspended where it is over one of them. */
  readonly pauses: readonly ('stream' | 'campaign')[]
}

export interface RateWatchParts {
  readonly records: Pick<RecordsContext, 'store' | 'clock'>
  readonly desk: Pick<MailDesk, 'announce' | 'suspend'>
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
    const high = sum === undefined || sum.told > 0 ? null : highRate(sum, parts.thresholds())
    if (sum === undefined || high === null) continue
    await records.store.rates.add([{ ...subject, ...noCounts, day: today, told: 1 }])
    try {
      await act(parts, sum, high)
    } catch (thrown) {
      // The workers are being replaced; the numbers stand in the records, and in metrics.
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

async function act(
  { desk, thresholds }: RateWatchParts,
  subject: RateSubject,
  { text, what }: HighRate,
): Promise<void> {
  const { dimension, name, tenant } = subject
  const patterns = thresholds().pauses.some((each) => each === dimension) ? queuesOf(subject) : []
  const whose = `${dimension} ${name} of tenant ${tenant}`
  const then = patterns.length === 0 ? '' : `; paused, until somebody says "queue resume"`
  await desk.announce(what, `${whose}: ${text} in ${rateLimits.windowDays} days${then}`, tenant)
  for (const pattern of patterns)
    await desk.suspend(pattern, 'posthaste', `${dimension} ${name}: ${text}`)
}

function queuesOf({ dimension, name, tenant }: RateSubject): readonly string[] {
  const rest = { tenant, domain: '*' as Parameters<typeof queueName>[0]['domain'] }
  if (dimension === 'campaign')
    return [`*${queueName({ ...rest, stream: 'x', campaign: name }).slice(1)}`]
  const plain = queueName({ ...rest, stream: name, campaign: null })
  return [plain, queueName({ ...rest, stream: name, campaign: 'x' }).replace('.x:', '.*:')]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}
