// SPDX-License-Identifier: Apache-2.0
/** Compares what the relay answered, what it says, and what arrived. Everything is counted in recipients. */
import type { EventAccount } from './event-account.ts'
import type { Book } from './load.ts'
import type { Arrivals } from './sink.ts'

export interface Verdict {
  readonly accepted: number
  /** Never answered: the relay was killed before; those of them that it had taken nevertheless. */
  readonly unanswered: number
  readonly unansweredTaken: number
  readonly delivered: number
  readonly bounced: number
  readonly deferred: number
  readonly lost: number
  /** Arrivals beyond each recipient's first. */
  readonly duplicated: number
  /** What must not be, in words, with those whom it happened to. */
  readonly faults: readonly Fault[]
}

export interface Fault {
  readonly what: string
  readonly who: readonly string[]
}

/** `mostDuplicates`: what the deaths of all connections out explain. */
export function judge(
  book: Book,
  account: EventAccount,
  arrivals: Arrivals,
  mostDuplicates: number,
): Verdict {
  // Whom the relay says it has taken it must deliver to as well, answered or not: a message is taken whole.
  const owed = [...book.accepted.union(account.received)]
  const finalsOf = (recipient: string) => account.finals.get(recipient) ?? []
  const arrived = (recipient: string) => arrivals.letters.has(recipient)
  const hasBounced = (recipient: string) => finalsOf(recipient).includes('message.bounced')
  // The receiver refuses the unknown and nobody else: whoever else bounced instead of arriving is lost.
  const isRightlyBounced = (recipient: string) =>
    recipient.startsWith('unknown+') && hasBounced(recipient)
  const lost = owed.filter((recipient) => !arrived(recipient) && !isRightlyBounced(recipient))
  const duplicated = [...arrivals.letters.values()].reduce((sum, times) => sum + times - 1, 0)
  const faults: Fault[] = [
    { what: 'lost', who: lost },
    { what: 'arrived, but not as it was sent', who: [...arrivals.corrupt] },
    {
      what: 'bounced, though the receiver takes it',
      who: owed.filter((recipient) => hasBounced(recipient) && !isRightlyBounced(recipient)),
    },
    {
      what: 'without a final event',
      who: owed.filter((recipient) => finalsOf(recipient).length === 0),
    },
    {
      what: 'with more than one final event',
      who: owed.filter((recipient) => finalsOf(recipient).length > 1),
    },
    {
      what: 'answered 250, but not in the event log as received',
      who: [...book.accepted].filter((recipient) => !account.received.has(recipient)),
    },
    {
      what: 'arrived, but never handed in or not taken by the event log',
      who: [...arrivals.letters.keys()].filter((recipient) => !account.received.has(recipient)),
    },
    {
      what: 'failed, and no report came to the sender',
      who: [...account.reportable].filter((recipient) => !arrivals.reported.has(recipient)),
    },
    { what: 'refused', who: book.refusals },
    {
      what: `duplicates, where at most ${mostDuplicates} can be explained`,
      who: duplicated > mostDuplicates ? [String(duplicated)] : [],
    },
  ]
  return {
    accepted: book.accepted.size,
    unanswered: book.unanswered.size,
    unansweredTaken: book.unanswered.intersection(account.received).size,
    delivered: owed.filter(arrived).length,
    bounced: owed.filter(hasBounced).length,
    deferred: account.deferred.size,
    lost: lost.length,
    duplicated,
    faults: faults.filter(({ who }) => who.length > 0),
  }
}
