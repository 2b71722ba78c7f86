// SPDX-License-Identifier: Apache-2.0
/** When what a credential does departs far from what it uses to do, and how that is said. */
import { baselineLimits } from '../base/limits/baseline-limits.ts'
import type { CredentialId } from '../records/records.ts'

/** From when on: of an operator, `[baseline]` in the configuration. */
export interface BaselineThresholds {
  /** Recipients in an hour that are never too many. */
  readonly leastRecipients: number
  /** So many times the largest hour of the last week are not too many, of recipients and of new domains. */
  readonly timesLargest: number
  /** New recipient domains in an hour that are never too many. */
  readonly leastNewDomains: number
  /** Bounces in an hour that are never too many. */
  readonly leastBounces: number
  /** 0–1 of what ended in an hour: below, bounces are never too many. */
  readonly bounceRate: number
}

/** Of hours of the last week in which something was handed in. */
export interface Usual {
  /** In recipients. */
  readonly largest: number
  readonly average: number
  /** The most domains in an hour to which nothing had gone before. */
  readonly largestNewDomains: number
  /** 0–1 of what ended. */
  readonly bounceRate: number
}

/** Within this hour, of all processes, with the message that is judged. */
export interface ThisHour {
  readonly recipients: number
  readonly newDomains: number
  /** Recipients who were delivered or bounced, and those who bounced because they are not there; of this hour, or of the one before. */
  readonly ended: number
  readonly bounced: number
  /** It has learnt for long enough to which domains mail goes. */
  readonly knowsDomains: boolean
}

export type DepartureKind = 'volume' | 'domains' | 'bounces'

export interface Departure {
  readonly credential: CredentialId
  readonly kind: DepartureKind
  readonly hour: ThisHour
  readonly usual: Usual
}

/** `null`: it does not. */
export function departureOf(
  hour: ThisHour,
  usual: Usual,
  thresholds: BaselineThresholds,
): DepartureKind | null {
  const { bounced, ended, knowsDomains, newDomains, recipients } = hour
  const { timesLargest } = thresholds
  if (recipients > thresholds.leastRecipients && recipients > usual.largest * timesLargest)
    return 'volume'
  if (
    knowsDomains &&
    newDomains > thresholds.leastNewDomains &&
    newDomains > usual.largestNewDomains * timesLargest &&
    newDomains > recipients * baselineLimits.newDomainShare
  )
    return 'domains'
  if (
    bounced > thresholds.leastBounces &&
    bounced > ended * thresholds.bounceRate &&
    bounced > ended * usual.bounceRate * baselineLimits.timesBounceRate
  )
    return 'bounces'
  return null
}

/** One sentence with the numbers. */
export function departureInWords({ credential, hour, kind, usual }: Departure): string {
  switch (kind) {
    case 'volume':
      return `Credential ${credential} has handed in mail for ${hour.recipients} recipients within this hour; an hour of the last week had ${usual.average} on average and ${usual.largest} at most`
    case 'domains':
      return `Credential ${credential} has handed in mail for ${hour.newDomains} domains within this hour to which none had gone for weeks, of ${hour.recipients} recipients; an hour of the last week had ${usual.largestNewDomains} such domains at most`
    case 'bounces':
      return `${hour.bounced} of ${hour.ended} recipients of credential ${credential} whose mail ended within an hour are not there (${percent(hour.bounced / hour.ended)}); in the last week it was ${percent(usual.bounceRate)}`
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
