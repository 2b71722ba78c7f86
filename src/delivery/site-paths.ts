// SPDX-License-Identifier: Apache-2.0
/** The egress paths of one site, one for each source, and which of them goes next. */
import { type DurationMs, type Instant, minutes, plus } from '../base/brand.ts'
import { queueLimits } from '../base/limits.ts'
import type { Random } from '../base/random.ts'
import type { SiteName } from '../protocol/mx.ts'
import { type EgressSource, type Family, familiesOf } from '../queue/egress.ts'
import { EgressPathMachine } from '../queue/egress-path.ts'
import { SourceRotation } from '../queue/source-rotation.ts'

/** A path that has rested is remembered for so long after, lest its next rest be a first one. */
const REMEMBERED = minutes(1)

/** A source, and the path from it that has the permission of one transaction. */
export interface ChosenPath {
  readonly source: EgressSource
  readonly path: EgressPathMachine
}

export class SitePaths {
  readonly pool: string
  readonly site: SiteName
  readonly families: readonly Family[]
  readonly #machines = new Map<EgressSource, EgressPathMachine>()
  readonly #rotation: SourceRotation<EgressSource>

  constructor(
    pool: string,
    site: SiteName,
    sources: readonly EgressSource[],
    rests: readonly DurationMs[],
    random: Random,
  ) {
    this.pool = pool
    this.site = site
    this.families = familiesOf(sources)
    this.#rotation = new SourceRotation(sources.map((item) => ({ item, weight: 1 })))
    for (const source of sources)
      this.#machines.set(
        source,
        new EgressPathMachine({ source: source.name, site }, rests, random),
      )
  }

  get size(): number {
    return this.#machines.size
  }

  [Symbol.iterator](): IterableIterator<EgressPathMachine> {
    return this.#machines.values()
  }

  /** None has rested of late. */
  isForgettable(now: Instant): boolean {
    for (const { state } of this)
      if (state.kind === 'backoff' && plus(state.until, REMEMBERED) > now) return false
    return true
  }

  /** Some path is known to work. */
  get works(): boolean {
    for (const path of this) if (path.works) return true
    return false
  }

  /** Some path has not failed again and again. */
  get isHopeful(): boolean {
    for (const path of this) if (path.restsTaken <= queueLimits.hopefulRests) return true
    return false
  }

  /** When the first of them may be tried; `null`: one may be tried now. */
  restUntil(now: Instant): Instant | null {
    let earliest: Instant | null = null
    for (const path of this) {
      const until = path.restsUntil(now)
      if (until === null) return null
      if (earliest === null || until < earliest) earliest = until
    }
    return earliest
  }

  hasOpenBeside(path: EgressPathMachine): boolean {
    for (const other of this) if (other !== path && other.state.kind === 'open') return true
    return false
  }

  /** The next in turn that may send and `isFree`, not from one of `passedOver`; `null` where none may. */
  choose(
    now: Instant,
    passedOver: Iterable<EgressSource>,
    isFree: (path: EgressPathMachine) => boolean,
  ): ChosenPath | null {
    const refused = new Set(passedOver)
    for (;;) {
      const source = this.#rotation.next((candidate) => !refused.has(candidate))
      const path = source && this.#machines.get(source)
      if (!source || !path) return null
      if (isFree(path) && path.next(now).kind === 'go') return { source, path }
      refused.add(source)
    }
  }
}
