// SPDX-License-Identifier: Apache-2.0
/**
 * How long a stream tries, where nobody says otherwise. RFC 5321 §4.5.4.1 asks for 30 minutes between attempts and 4–5 days
 * in all, for mail of any kind; the field gives up earlier on mail that is soon worthless (SendGrid 72 hours, Amazon SES 14),
 * and tries again within minutes, for greylisting (RFC 6647 §4.2: receivers wait minutes, not hours).
 */
import { type DurationMs, days, hours, type Instant, minutes } from '../base/brand.ts'
import type { Stream } from './records.ts'

export interface RetrySchedule {
  /** Waits between attempts; the last one repeats. */
  readonly after: readonly DurationMs[]
  readonly expiresAfter: DurationMs
}

/** One for each kind of stream. */
export type RetrySchedules = Readonly<Record<Stream['kind'], RetrySchedule>>

export const retrySchedules: RetrySchedules = {
  transactional: {
    after: [minutes(1), minutes(5), minutes(15), minutes(30), hours(1), hours(2), hours(4)],
    expiresAfter: days(3),
  },
  bulk: {
    after: [minutes(15), minutes(30), hours(1), hours(2), hours(4)],
    expiresAfter: days(4),
  },
}

type StreamPolicies = Pick<
  Stream,
  | 'sendsReports'
  | 'eightBit'
  | 'longLines'
  | 'suppressesOn'
  | 'suppressionScope'
  | 'fullMailboxTimes'
  | 'fullMailboxDays'
  | 'addsUnsubscribe'
  | 'tracks'
  | 'forwardsReports'
  | 'whenCold'
  | 'keepsFailed'
  | 'gate'
>

/** Content is changed only where some receiver would cut or refuse it. Who wants no news still gets receipts, and receipts never wait for a warm-up. */
export function streamPolicies(kind: Stream['kind']): StreamPolicies {
  return {
    sendsReports: kind === 'transactional',
    eightBit: 'keep',
    longLines: 'fold',
    suppressesOn: ['bounce', 'complaint'],
    suppressionScope: 'stream',
    gate: 'warn',
    fullMailboxTimes: 3,
    fullMailboxDays: 30,
    addsUnsubscribe: false,
    tracks: [],
    forwardsReports: false,
    whenCold: kind === 'transactional' ? 'pass' : 'overflow',
    keepsFailed: days(365),
  }
}

/** 0 is sent first. */
export const streamPriorities: Readonly<Record<Stream['kind'], number>> = {
  transactional: 2,
  bulk: 5,
}

/** What a stream is where nobody says otherwise. */
export function usualStream(
  { tenant, name, kind }: Pick<Stream, 'tenant' | 'name' | 'kind'>,
  retry: RetrySchedules,
  createdAt: Instant,
): Stream {
  return {
    tenant,
    name,
    kind,
    priority: streamPriorities[kind],
    pool: 'default',
    retryAfter: retry[kind].after,
    expiresAfter: retry[kind].expiresAfter,
    mayShareTransaction: false,
    ...streamPolicies(kind),
    fromDomains: [],
    isSandbox: false,
    isDefault: false,
    createdAt,
  }
}
