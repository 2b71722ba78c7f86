// SPDX-License-Identifier: Apache-2.0
/** Compares what the relay answered, what it says, and what arrived. Everything is counted in recipients. */
import type { EventAccount } from './event-account.ts'
import { numberOf } from './letter.ts'
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

/** Kills, by the wall clock, in order; each ends at most so many connections to the receiver. */
export interface Deaths {
  readonly at: readonly number[]
  readonly connections: number
}

export interface Fault {
  readonly what: string
  readonly who: readonly string[]
}

export function judge(
  book: Book,
  account: EventAccount,
  arrivals: Arrivals,
  deaths: Deaths,
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
  const duplicated = [...arrivals.letters.values()].reduce((sum, { times }) => sum + times - 1, 0)
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
      what: `letters repeated by one kill, where ${deaths.connections} connections had one each`,
      who: unexplained(arrivals, deaths),
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

/** What was on its way when its sender died may be noted so much later. */
const STRAGGLE_MS = 100

/**
 * A transaction that a kill repeats had arrived, and its outcome was not written yet: it was the last one of its connection. So
 * between two kills at most one letter a connection may have arrived for the first time that arrived again later.
 */
function unexplained({ letters }: Arrivals, { at, connections }: Deaths): readonly string[] {
  const repeated = at.map(() => new Set<number>())
  for (const [recipient, { times, firstAt }] of letters) {
    if (times === 1) continue
    const next = at.findIndex((killedAt) => firstAt <= killedAt + STRAGGLE_MS)
    repeated[next]?.add(numberOf(recipient))
    if (next < 0) return [`${recipient}, after the last kill`]
  }
  return repeated.flatMap(({ size }, kill) =>
    size > connections ? [`${size} by kill ${kill + 1}`] : [],
  )
}
