// SPDX-License-Identifier: Apache-2.0
/**
 * Mail that failed, a page of the search view at a time, handed to those who have it to be sent again. What fails meanwhile is
 * not of it: whoever begins says up to when, so that mail which fails again is not sent for ever.
 */
import { retryLimits } from '../../base/limits/retry-limits.ts'
import type { Event } from '../../events/event.ts'
import type { MailDesk } from '../desk/mail-desk.ts'
import { type EventSearch, everyEvent } from '../search/event-search.ts'
import { causeOf, failureTypes, isFailure } from './failed-mail.ts'
import type { FailedRecipient, RetryWish } from './retried-mail.ts'
import { noRetries, type RetryCounts, recipientsIn, sumOfRetries } from './retry-counts.ts'

export interface FailedChoice {
  readonly cause: string
  /** `null`: of all. */
  readonly tenant: string | null
  readonly stream: string | null
  /** Of the recipient, in lower case. */
  readonly domain: string | null
  /** Epoch milliseconds; `until` is not included. */
  readonly since: number
  readonly until: number
}

export interface RetriedPage {
  readonly counts: RetryCounts
  /** Recipients of whose mail nobody knew: their worker is away. */
  readonly unanswered: number
  /** `null`: that was all. */
  readonly next: string | null
}

export async function retryPage(
  search: Pick<EventSearch, 'find'>,
  desk: Pick<MailDesk, 'retryFailed'>,
  choice: FailedChoice,
  wish: RetryWish,
  after: string | null,
): Promise<RetriedPage> {
  const { since, stream, tenant, until } = choice
  const filter = { ...everyEvent, tenant, stream, since, until, types: failureTypes }
  const page = await search.find(filter, { order: 'oldest', limit: retryLimits.page, after })
  const { failed, taken } = chosenOf(page.events, choice)
  // What a receiver took was its own: nothing of it is kept here.
  const gone = { ...noRetries, gone: taken }
  if (failed.length === 0) return { counts: gone, unanswered: 0, next: page.next }
  const counts = await desk.retryFailed(failed, wish)
  const unanswered = failed.length - recipientsIn(counts)
  return { counts: sumOfRetries([counts, gone]), unanswered, next: page.next }
}

/** Each recipient once. `taken`: how many bounced after a receiver had taken their mail. */
function chosenOf(events: readonly Event[], { cause, domain }: FailedChoice) {
  const failed = new Map<string, FailedRecipient>()
  const taken = new Set<string>()
  for (const event of events) {
    if (!isFailure(event) || causeOf(event) !== cause) continue
    if (domain !== null && domainOf(event.recipient) !== domain) continue
    const { at: failedAt, messageId, recipientIndex } = event
    const name = `${messageId} ${recipientIndex}`
    if (event.type === 'message.bounced' && event.by === 'report') taken.add(name)
    else failed.set(name, { messageId, recipientIndex, failedAt })
  }
  return { failed: [...failed.values()], taken: taken.size }
}

function domainOf(recipient: string): string {
  return recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase()
}
