// SPDX-License-Identifier: Apache-2.0
/** What people and the DNS have changed of late that may have mended what mail failed by. */
import { timestampOf } from '../../events/event.ts'
import { failureClasses } from '../../protocol/classify/failure-class.ts'
import type { BrakeRecord } from '../../records/brake.ts'
import { type EventSearch, everyEvent } from '../search/event-search.ts'

/** At most so many of the newest are looked at. */
const LOOKED_AT = 200

export interface Repair {
  /** RFC 3339. */
  readonly at: string
  /** In a sentence. */
  readonly what: string
}

interface KnownRepair extends Repair {
  readonly mends: (cause: string) => boolean
}

export class Repairs {
  /** The newest first. */
  readonly #known: readonly KnownRepair[]

  private constructor(known: readonly KnownRepair[]) {
    this.#known = known.toSorted((one, other) => (one.at < other.at ? 1 : -1))
  }

  /** `brakes`: none for a tenant, whose they are not. */
  static async since(
    search: Pick<EventSearch, 'find'>,
    tenant: string | null,
    since: number,
    brakes: readonly BrakeRecord[],
  ): Promise<Repairs> {
    const types = ['domain.verified', 'queue.resumed']
    const page = { order: 'newest', limit: LOOKED_AT, after: null } as const
    const { events } = await search.find({ ...everyEvent, tenant, since, types }, page)
    const told = events.flatMap((event): KnownRepair[] => {
      const { at, type } = event
      if (type === 'domain.verified') return [{ at, what: event.text, mends: isOurs }]
      return type === 'queue.resumed' ? [{ at, what: event.text, mends: () => true }] : []
    })
    return new Repairs([...told, ...brakes.flatMap(decisionOf)])
  }

  /** After `at`, RFC 3339, that may have to do with the cause. */
  of(cause: string, at: string): readonly Repair[] {
    return this.#known
      .filter((repair) => repair.at > at && repair.mends(cause))
      .map(({ at: when, what }) => ({ at: when, what }))
  }
}

function decisionOf({ decidedAt, decidedBy, name, state }: BrakeRecord): KnownRepair[] {
  if (decidedAt === null || state === 'holding') return []
  const [cause] = name.split('@')
  const what = `${decidedBy} ${state} the brake ${name}`
  return [{ at: timestampOf(decidedAt), what, mends: (other) => other === cause }]
}

/** What an operator sets up. */
function isOurs(cause: string): boolean {
  const facts = Object.entries(failureClasses).find(([name]) => name === cause)
  return facts?.[1].fault === 'us'
}
