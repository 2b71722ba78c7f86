// SPDX-License-Identifier: Apache-2.0
/** What an event says of a source at a provider. */

import { type Instant, instant } from '../../base/brand.ts'
import type { Event, OutcomeEvent } from '../../events/event.ts'
import { isProvenComplaint } from '../../events/feedback-type.ts'
import { type FailureClass, failureClasses } from '../../protocol/classify/failure-class.ts'
import { signalOf } from '../../queue/warm-up/signal-of.ts'
import type { SignalKind } from '../../queue/warm-up/signals.ts'
import { codeIn } from '../../queue/warm-up/words.ts'
import type { ProviderOf } from '../rates/rate-counts.ts'
import { hitIn } from './engagement.ts'

/** One signal. */
export interface WarmUpNote {
  readonly source: string
  readonly provider: string
  readonly kind: SignalKind
  readonly at: Instant
  readonly code: string | null
  /** Of news: when the mail was delivered that it is about. */
  readonly deliveredAt: Instant | null
}

type AnswerEvent = Extract<
  OutcomeEvent,
  { readonly type: 'message.delivered' | 'message.deferred' | 'message.bounced' }
>

/** Of an answer of a receiver; `null`: it says nothing of that kind. */
export function noteOfAnswer(event: Event, providerOf: ProviderOf): WarmUpNote | null {
  if (!isAnswer(event) || event.sandbox || event.mx === null) return null
  const provider = providerOf(event.mx)
  if (provider === null) return null
  const { at, reply, source } = event
  const kind = signalOf({ kind: outcomeOf(event), code: reply.code, meant: meantBy(event) })
  const code = kind === 'delivered' ? null : codeIn(reply.text, reply.enhanced)
  return { source, provider, kind, at: instant(Date.parse(at)), code, deliveredAt: null }
}

/** What is learned of mail after it was delivered. */
export type NewsKind = 'complained' | 'returned' | 'engaged'

/** What is learned later, and about whom; `null`: nothing. */
export function newsIn(event: Event): NewsKind | null {
  if ('sandbox' in event && event.sandbox) return null
  if (hitIn(event) !== null) return 'engaged'
  if (event.type === 'message.complained') return isProvenComplaint(event) ? 'complained' : null
  if (event.type !== 'message.bounced' || event.by !== 'report') return null
  if (event.certainty !== 'proven') return null
  const code = event.diagnosis.code ?? 0
  const signal = signalOf({ kind: 'bounced', code, meant: classOf(event.meaning?.class) })
  return signal === 'bounced' ? 'returned' : null
}

/** How the mail went that an event is about: the last delivery of its recipient. */
export function noteOfNews(
  kind: NewsKind,
  at: string,
  delivery: Event,
  providerOf: ProviderOf,
): WarmUpNote | null {
  const note = noteOfAnswer(delivery, providerOf)
  return note && { ...note, kind, at: instant(Date.parse(at)), code: null, deliveredAt: note.at }
}

function isAnswer(event: Event): event is AnswerEvent {
  switch (event.type) {
    case 'message.delivered':
      return true
    case 'message.deferred':
      return 'said' in event && event.said === 'peer'
    case 'message.bounced':
      return event.by === 'peer'
    default:
      return false
  }
}

function outcomeOf({ type }: AnswerEvent): 'delivered' | 'deferred' | 'bounced' {
  if (type === 'message.delivered') return 'delivered'
  return type === 'message.deferred' ? 'deferred' : 'bounced'
}

function meantBy(event: AnswerEvent): FailureClass | null {
  return event.type === 'message.delivered' ? null : classOf(event.meaning?.class)
}

/** One that an older or a newer program knew is none. */
function classOf(name: string | undefined): FailureClass | null {
  return name !== undefined && Object.hasOwn(failureClasses, name) ? (name as FailureClass) : null
}
