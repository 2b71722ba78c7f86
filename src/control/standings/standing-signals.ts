// SPDX-License-Identifier: Apache-2.0
/** What an event says of the mail of a tenant. What is our own fault, or that of the source, says nothing of a tenant: its neighbours get it too. */

import { type Instant, instant } from '../../base/brand.ts'
import type { Event } from '../../events/event.ts'
import { isProvenComplaint } from '../../events/feedback-type.ts'
import { complaintOf } from '../../protocol/classify/complaint.ts'
import {
  type ClassFacts,
  type FailureClass,
  failureClasses,
} from '../../protocol/classify/failure-class.ts'
import { domainOf, type Mailbox } from '../../protocol/mailbox.ts'
import type { StandingCounts } from '../../records/standing.ts'

/** One signal. */
export interface StandingNote {
  readonly tenant: string
  readonly stream: string
  readonly kind: keyof StandingCounts
  readonly campaign: string | null
  readonly domain: string
  /** The host that took it, or did not, `mx1.example.net[192.0.2.1]:25`; `null`: none was reached, or it is not known. */
  readonly mx: string | null
  readonly at: Instant
}

/** Of the answer of a receiver; `null`: it says nothing of that kind. */
export function noteOfAnswer(event: Event): StandingNote | null {
  if ('sandbox' in event && event.sandbox) return null
  const kind = isOurReport(event) ? null : kindOfAnswer(event)
  if (kind === null || !('stream' in event) || event.stream === null) return null
  const { at, stream, tenant } = event
  if (tenant === null) return null
  return { tenant, stream, kind, at: instant(Date.parse(at)), ...wayOf(event) }
}

/** By what rules may choose the pool of mail. */
export type Way = Pick<StandingNote, 'campaign' | 'domain' | 'mx'>

export function wayOf(event: Event): Way {
  return {
    campaign: ('campaign' in event && event.campaign) || null,
    domain: domainOf((('recipient' in event && event.recipient) || '') as Mailbox),
    mx: ('mx' in event && event.mx) || null,
  }
}

/** What is learned later of mail that was taken: it counts at the hour in which that was. `null`: nothing. */
export function newsIn(event: Event): 'unknown' | 'complained' | null {
  if ('sandbox' in event && event.sandbox) return null
  if (event.type === 'message.complained') return isProvenComplaint(event) ? 'complained' : null
  if (event.type !== 'message.bounced' || event.by !== 'report') return null
  const isUnknown = event.certainty === 'proven' && isGone(factsOf(event.meaning?.class))
  return isUnknown ? 'unknown' : null
}

/** Mail with the null reverse-path: DSNs, which the relay itself writes to its submitters. */
function isOurReport(event: Event): boolean {
  if (!('conversation' in event)) return false
  return event.conversation.some((line) => line.startsWith('C: MAIL FROM:<>'))
}

function kindOfAnswer(event: Event): keyof StandingCounts | null {
  switch (event.type) {
    case 'message.delivered':
      return 'delivered'
    case 'message.deferred':
      // Each recipient once, however often it is put off.
      if (event.said !== 'peer' || event.attempt > 1) return null
      return isForWhatItIs(event.meaning, event.reply.text) ? 'refused' : null
    case 'message.bounced':
      if (event.by !== 'peer') return null
      if (isGone(factsOf(event.meaning?.class))) return 'unknown'
      return isForWhatItIs(event.meaning, event.reply.text) ? 'refused' : null
    default:
      return null
  }
}

function isGone(facts: ClassFacts | null): boolean {
  return facts?.fault === 'recipient' && facts.whenFinal === 'suppress'
}

function isForWhatItIs(meaning: { readonly class: string } | undefined, text: string): boolean {
  const facts = factsOf(meaning?.class)
  if (facts?.fault === 'message' && facts.coarse === 'policy_or_reputation') return true
  const whom = complaintOf(meaning, text)?.whom
  return whom === 'tenant' || whom === 'campaign'
}

/** One that an older or a newer program knew is none. */
function factsOf(name: string | undefined): ClassFacts | null {
  if (name === undefined || !Object.hasOwn(failureClasses, name)) return null
  return failureClasses[name as FailureClass]
}
