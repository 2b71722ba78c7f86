// SPDX-License-Identifier: Apache-2.0
/** How tenants stand in shared pools: judged by what is counted, and what people say. Each change is one transaction, and an event. */
import type { Instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { standingLimits } from '../../base/limits/standing-limits.ts'
import type { PoolChoice } from '../../queue/pool-choice.ts'
import { answersIn } from '../../queue/standing/findings.ts'
import { hourOf, Standing, type StandingFacts } from '../../queue/standing/standing.ts'
import type {
  Remedy,
  StandingDecision,
  StandingPosition,
} from '../../queue/standing/standing-state.ts'
import type { StandingPolicy } from '../../queue/standing/thresholds.ts'
import type { Directory } from '../../records/directory.ts'
import { unknownRecord } from '../../records/naming.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import {
  type StandingHour,
  type StandingPlace,
  type StandingRecord,
  type StandingStateName,
  standingKey,
  sumOf,
} from '../../records/standing.ts'
import type { Store } from '../../records/store.ts'
import { reaches, type TenantScope } from '../../records/tenant-scope.ts'
import { scopeWithin } from '../../records/tenant-service.ts'
import { Neighbours, type ProviderOf } from './neighbours.ts'

export interface StandingSettings {
  readonly policy: StandingPolicy
  /** What becomes of one that is bad, where its pool has no quarantine pool. */
  readonly withoutQuarantine: 'hold' | 'warn'
}

export interface StandingContext {
  readonly records: RecordsContext
  readonly directory: () => Directory
  readonly pools: PoolChoice
  /** As the shaping rules name it; `null`: they do not. */
  readonly providerOf: ProviderOf
  readonly settings: () => StandingSettings
  /** Becomes an event. */
  readonly announce: (tenant: string, decision: StandingDecision) => Promise<void>
  /** Every process takes notice. */
  readonly refresh: () => Promise<void>
}

/** One tenant in one pool, with what was counted. */
export interface StandingView {
  readonly standing: Standing
  readonly hasNeighbours: boolean
  readonly decisions: readonly StandingDecision[]
  readonly hours: readonly StandingHour[]
}

export class StandingService {
  readonly neighbours: Neighbours
  readonly #context: StandingContext

  constructor(context: StandingContext) {
    this.#context = context
    this.neighbours = new Neighbours(context.pools, context.directory, context.providerOf)
  }

  /** Of all tenants in reach, in each pool that they send by, or did. */
  async list(scope: TenantScope): Promise<readonly StandingView[]> {
    const { store } = this.#context.records
    const of = scope.kind === 'tenant' ? { tenant: scope.tenant } : {}
    const records = (await store.standings.list()).filter(({ tenant }) => reaches(scope, tenant))
    const hours = await store.standingHours.list(this.#firstHour(), of)
    const byKey = new Map(records.map((each) => [keyOf(each), each]))
    const hoursByKey = Map.groupBy(hours, keyOf)
    const places = new Map<string, StandingPlace>()
    for (const place of [...this.neighbours.places, ...records])
      if (reaches(scope, place.tenant)) places.set(keyOf(place), place)
    return [...places.values()]
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
      .map(({ pool, tenant }) => {
        const key = standingKey(tenant, pool)
        return this.#view({ pool, tenant }, byKey.get(key) ?? null, hoursByKey.get(key) ?? [])
      })
  }

  /** Throws `RLY_RECORD_UNKNOWN`. */
  async show(scope: TenantScope, tenant: string): Promise<readonly StandingView[]> {
    return this.list(await scopeWithin(this.#context.records.store, scope, tenant))
  }

  /** By what was counted. */
  async judge(place: StandingPlace): Promise<void> {
    const { store } = this.#context.records
    const first = await this.#read(store, place)
    if (first.standing.judge(first.facts) === null) return
    await this.#change(place, (standing, facts) => standing.judge(facts))
  }

  /** `pool`: `null` where the tenant has one alone. Throws `RLY_RECORD_UNKNOWN`, `RLY_RECORD_INVALID`. */
  async pin(
    tenant: string,
    pool: string | null,
    state: StandingStateName,
    by: string,
    reason: string,
  ): Promise<StandingView> {
    const place = await this.#placeOf(tenant, pool, () => true)
    if (state === 'quarantined' && this.#context.pools.quarantineOf(place.pool) === null)
      throw invalid(
        `pool "${place.pool}" has no quarantine pool: name one by "quarantine" in its [[pool]], or say "held"`,
      )
    await this.#change(place, (standing, facts) => standing.pin(state, by, reason, facts))
    return this.#shown(place)
  }

  /** Of a pin, a hold, a quarantine or a watch. Throws `RLY_RECORD_INVALID` where there is nothing to release. */
  async release(tenant: string, pool: string | null, by: string): Promise<StandingView> {
    const place = await this.#placeOf(tenant, pool, ({ standing }) => !isFree(standing))
    await this.#change(place, (standing, facts) => {
      if (!isFree(standing)) return standing.release(by, facts)
      throw invalid(`tenant "${tenant}" in pool "${place.pool}" is good, and nothing holds it`)
    })
    return this.#shown(place)
  }

  async #placeOf(
    tenant: string,
    pool: string | null,
    isMeant: (view: StandingView) => boolean,
  ): Promise<StandingPlace> {
    const views = await this.show({ kind: 'installation' }, tenant)
    const names = views.map(({ standing }) => standing.place.pool)
    if (pool !== null) {
      const found = views.find(({ standing }) => standing.place.pool === pool)
      if (found !== undefined) return found.standing.place
      throw unknownRecord(`pool that tenant "${tenant}" sends by named`, pool, names)
    }
    const meant = views.filter(isMeant)
    const [first] = meant.length > 0 ? meant : views
    if (first !== undefined && (meant.length === 1 || views.length === 1))
      return first.standing.place
    throw invalid(`say which pool of tenant "${tenant}": ${names.join(', ')}`)
  }

  async #shown(place: StandingPlace): Promise<StandingView> {
    const { store } = this.#context.records
    const hours = await store.standingHours.list(this.#firstHour(), place)
    return this.#view(place, await store.standings.find(place), hours)
  }

  async #change(
    place: StandingPlace,
    change: (standing: Standing, facts: StandingFacts) => StandingDecision | null,
  ): Promise<void> {
    const { announce, records, refresh } = this.#context
    const decision = await records.store.transaction(async (store) => {
      const { facts, record, standing } = await this.#read(store, place)
      const made = change(standing, facts)
      if (made !== null) await store.standings.put(recordOf(standing, record, made, facts.now))
      return made
    })
    if (decision === null) return
    await refresh()
    await announce(place.tenant, decision)
  }

  async #read(store: Store, place: StandingPlace) {
    const record = await store.standings.find(place)
    const hours = await store.standingHours.list(this.#firstHour(), place)
    const standing = standingOf(place, record)
    return { record, standing, facts: await this.#facts(store, place, hours) }
  }

  async #facts(
    store: Store,
    place: StandingPlace,
    hours: readonly StandingHour[],
  ): Promise<StandingFacts> {
    const { policy } = this.#context.settings()
    const common = {
      now: this.#context.records.clock.now(),
      hasNeighbours: this.neighbours.has(place),
      remedy: this.#remedyOf(place),
      policy,
    }
    const share = refusedShare(hours)
    if (share < policy.thresholds.refused.watch) return { ...common, hours }
    // Where its neighbours are refused as well, it is the pool that is refused.
    const all = await store.standingHours.list(this.#firstHour(), { pool: place.pool })
    const others = all.filter(({ tenant }) => tenant !== place.tenant)
    const isOfPool = refusedShare(others) > share / 2
    return { ...common, hours: isOfPool ? hours.map((each) => ({ ...each, refused: 0 })) : hours }
  }

  #remedyOf({ pool }: StandingPlace): Remedy {
    const quarantine = this.#context.pools.quarantineOf(pool)
    if (quarantine !== null) return { kind: 'quarantine', pool: quarantine }
    return { kind: this.#context.settings().withoutQuarantine }
  }

  #firstHour(): number {
    return hourOf(this.#context.records.clock.now()) - standingLimits.longHours + 1
  }

  #view(
    place: StandingPlace,
    record: StandingRecord | null,
    hours: readonly StandingHour[],
  ): StandingView {
    return {
      standing: standingOf(place, record),
      hasNeighbours: this.neighbours.has(place),
      decisions: record === null ? [] : decisionsOf(record),
      hours,
    }
  }
}

function standingOf(place: StandingPlace, record: StandingRecord | null): Standing {
  const { pool, tenant } = place
  const position = record === null ? null : (JSON.parse(record.position) as StandingPosition)
  return new Standing({ tenant, pool }, position)
}

function decisionsOf({ decisions }: StandingRecord): readonly StandingDecision[] {
  return JSON.parse(decisions) as StandingDecision[]
}

function recordOf(
  { place, position, state }: Standing,
  before: StandingRecord | null,
  decision: StandingDecision,
  changedAt: Instant,
): StandingRecord {
  const kept = before === null ? [] : decisionsOf(before)
  const decisions = [...kept, decision].slice(-standingLimits.decisions)
  return {
    ...place,
    state: state.kind,
    position: JSON.stringify(position),
    decisions: JSON.stringify(decisions),
    changedAt,
  }
}

function isFree({ position: { pin, state } }: Standing): boolean {
  return pin === null && state.kind === 'good'
}

function refusedShare(hours: readonly StandingHour[]): number {
  const sum = sumOf(hours)
  const answers = answersIn(sum)
  return answers === 0 ? 0 : sum.refused / answers
}

function keyOf({ pool, tenant }: StandingPlace): string {
  return standingKey(tenant, pool)
}

function invalid(text: string): RelayError {
  return new RelayError('RLY_RECORD_INVALID', text)
}
