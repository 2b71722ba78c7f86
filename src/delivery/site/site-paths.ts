// SPDX-License-Identifier: Apache-2.0
/** The egress paths of one site, one for each source, and which of them goes next. */
import { type DurationMs, hours, type Instant, minutes, plus } from '../../base/brand.ts'
import { queueLimits } from '../../base/limits/limits.ts'
import type { Random } from '../../base/random.ts'
import type { SiteName } from '../../protocol/mx.ts'
import { type EgressSource, type Family, familiesOf } from '../../queue/egress.ts'
import { EgressPathMachine } from '../../queue/egress-path.ts'
import type { PooledSource } from '../../queue/egress-pool.ts'
import { SourceRotation } from '../../queue/source-rotation.ts'
import type { Stop } from '../../records/source.ts'

/** A path that has rested is remembered for so long after, lest its next rest be a first one. */
const REMEMBERED = minutes(1)
/** Whose sources are all stopped is woken when one sends again; what waits is looked at after this anyway. */
const STOPPED = hours(1)

/** Why a source does not send now; `null`: it does. */
export type StopOf = (source: string) => Stop | null

/** A source, and the path from it that has the permission of one transaction. */
export interface ChosenPath {
  readonly source: EgressSource
  readonly path: EgressPathMachine
  /** It helps where none of the pool's own may send. */
  readonly isOverflow: boolean
}

export class SitePaths {
  readonly pool: string
  readonly site: SiteName
  readonly #sources: readonly PooledSource[]
  /** An array, for a hundred thousand sites have one each. */
  readonly #paths: readonly ChosenPath[]
  readonly #rotation: SourceRotation<ChosenPath>
  /** Those that help where none of the pool's own may send. */
  readonly #overflow: SourceRotation<ChosenPath> | null

  constructor(
    pool: string,
    site: SiteName,
    sources: readonly PooledSource[],
    rests: readonly DurationMs[],
    random: Random,
  ) {
    this.pool = pool
    this.site = site
    this.#sources = sources
    const members = sources.map(({ isOverflow, item: source, weight }) => {
      const path = new EgressPathMachine({ source: source.name, site }, rests, random)
      return { isOverflow, weight, item: { source, path, isOverflow } }
    })
    this.#paths = members.map(({ item }) => item)
    this.#rotation = new SourceRotation(members.filter(({ isOverflow }) => !isOverflow))
    const helpers = members.filter(({ isOverflow }) => isOverflow)
    this.#overflow = helpers.length === 0 ? null : new SourceRotation(helpers)
  }

  get size(): number {
    return this.#paths.length
  }

  get families(): readonly Family[] {
    return familiesOf(this.#paths.map(({ source }) => source))
  }

  *[Symbol.iterator](): IterableIterator<EgressPathMachine> {
    for (const { path } of this.#paths) yield path
  }

  /** With what is known of their sources. */
  get all(): readonly ChosenPath[] {
    return this.#paths
  }

  /** None has rested of late; where all are stopped, they say what mail waits for. */
  isForgettable(now: Instant): boolean {
    let isSomeStanding = false
    for (const { path } of this.#paths) {
      const { state } = path
      if (state.kind === 'backoff' && plus(state.until, REMEMBERED) > now) return false
      isSomeStanding ||= state.kind !== 'suspended'
    }
    return isSomeStanding
  }

  /** Paths of sources that people have stopped, and of those that send again, become so. Gives whether some send again. */
  heed(stopOf: StopOf): boolean {
    let isSomeResumed = false
    for (const { path, source } of this.#paths) {
      const stop = stopOf(source.name)
      if (stop !== null) path.suspend(stop.by, stop.why)
      else if (path.state.kind === 'suspended') {
        path.resume()
        isSomeResumed = true
      }
    }
    return isSomeResumed
  }

  /** Whether it is made of these. */
  isOf(sources: readonly PooledSource[]): boolean {
    return this.#sources === sources || JSON.stringify(this.#sources) === JSON.stringify(sources)
  }

  /** Some path is known to work. */
  get works(): boolean {
    for (const { path } of this.#paths) if (path.works) return true
    return false
  }

  /** Some path has not failed again and again. */
  get isHopeful(): boolean {
    for (const { path } of this.#paths) if (path.restsTaken <= queueLimits.hopefulRests) return true
    return false
  }

  /** When the first of them may be tried; `null`: one may be tried now. */
  restUntil(now: Instant): Instant | null {
    let earliest: Instant | null = null
    for (const { path } of this.#paths) {
      const until = path.isStopped ? plus(now, STOPPED) : path.restsUntil(now)
      if (until === null) return null
      if (earliest === null || until < earliest) earliest = until
    }
    return earliest
  }

  hasOpenBeside(path: EgressPathMachine): boolean {
    for (const { path: other } of this.#paths)
      if (other !== path && other.state.kind === 'open') return true
    return false
  }

  /** The next in turn that may send and `isFree`, not from one of `passedOver`; `null` where none may. */
  choose(
    now: Instant,
    passedOver: Iterable<EgressSource>,
    isFree: (path: EgressPathMachine) => boolean,
  ): ChosenPath | null {
    const own = chooseOf(this.#rotation, now, passedOver, isFree)
    if (own !== null || this.#overflow === null) return own
    return chooseOf(this.#overflow, now, passedOver, isFree)
  }
}

function chooseOf(
  rotation: SourceRotation<ChosenPath>,
  now: Instant,
  passedOver: Iterable<EgressSource>,
  isFree: (path: EgressPathMachine) => boolean,
): ChosenPath | null {
  const refused = new Set(passedOver)
  for (;;) {
    const chosen = rotation.next(({ source }) => !refused.has(source))
    if (chosen === null) return null
    if (isFree(chosen.path) && chosen.path.next(now).kind === 'go') return chosen
    refused.add(chosen.source)
  }
}
