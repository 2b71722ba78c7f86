// SPDX-License-Identifier: Apache-2.0
/** Which signal an answer is, by what it means. */
import { type FailureClass, factsOf } from '../../protocol/classify/failure-class.ts'
import type { SignalKind } from './signals.ts'

/** An answer to one recipient; `meant`: the class of a refusal, where it has one. */
export interface AnswerFacts {
  readonly kind: 'delivered' | 'deferred' | 'bounced'
  readonly code: number
  readonly meant: FailureClass | null
}

export function signalOf({ code, kind, meant }: AnswerFacts): SignalKind {
  if (kind === 'delivered') return 'delivered'
  if (meant === null) return 'other'
  const { coarse, fault, whenFinal } = factsOf(meant)
  const isAboutUs = fault === 'path' || fault === 'us' || fault === 'message'
  const isPolicy = coarse === 'policy_or_reputation' && isAboutUs
  // A block that passes is put off here, and refused there.
  if (isPolicy && (kind === 'bounced' || code >= 500)) return 'refused'
  if (kind === 'deferred')
    return isPolicy || (coarse === 'throttle' && fault === 'path') ? 'deferred' : 'other'
  return fault === 'recipient' && whenFinal === 'suppress' ? 'bounced' : 'other'
}
