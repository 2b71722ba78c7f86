// SPDX-License-Identifier: Apache-2.0
/** What people do with warm-ups. Each change is one transaction of the records, so that it stands beside what the view counts. */
import type { Instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { warmUpLimits } from '../../base/limits/warm-up-limits.ts'
import { nearest } from '../../base/nearest.ts'
import { allowanceAt, stageWithin, type WarmUpSchedule } from '../../queue/warm-up/schedule.ts'
import { WarmUp } from '../../queue/warm-up/warm-up.ts'
import { DEFAULT_SCHEDULE, type WarmUpRules } from '../../queue/warm-up/warm-up-rules.ts'
import type { Decision } from '../../queue/warm-up/warm-up-state.ts'
import { aDay } from '../../queue/warm-up/words.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { Store } from '../../records/store.ts'
import type { WarmUpRecord } from '../../records/warm-up.ts'
import type { ProviderOf } from '../rates/rate-counts.ts'
import { recordOf, warmUpOf } from './warm-up-codec.ts'

export interface WarmUpContext {
  readonly records: RecordsContext
  readonly rules: () => WarmUpRules
  /** Names that there are. */
  readonly sources: () => readonly string[]
  readonly providers: () => readonly string[]
  readonly providerOf: ProviderOf
  /** Becomes an event. */
  readonly announce: (source: string, decision: Decision) => Promise<void>
}

/** Who counts signals in this process. */
export interface WarmUpCounts {
  /** What `find` finds, with what was counted and is not written yet. */
  shown(find: () => Promise<WarmUpRecord>): Promise<WarmUpRecord>
}

export class WarmUpService {
  readonly context: WarmUpContext
  /** `null`: nobody counts here, and what is written is all that is known. */
  #counts: WarmUpCounts | null = null

  constructor(context: WarmUpContext) {
    this.context = context
  }

  list(): Promise<readonly WarmUpRecord[]> {
    return this.context.records.store.warmUps.list()
  }

  /** From here on what is shown is as `counts` has it. */
  useCounts(counts: WarmUpCounts): void {
    this.#counts = counts
  }

  /** As far as its events were read. Throws `RLY_RECORD_UNKNOWN`. */
  async show(source: string, provider: string): Promise<WarmUpRecord> {
    const find = async () => found(await this.list(), source, provider)
    return this.#counts === null ? await find() : await this.#counts.shown(find)
  }

  /** `volume`: what it sends a day already. Throws `RLY_RECORD_EXISTS`, `RLY_RECORD_INVALID`. */
  async start(
    source: string,
    provider: string,
    scheduleName: string = DEFAULT_SCHEDULE,
    volume = 0,
  ): Promise<WarmUpRecord> {
    const { policy, schedules } = this.context.rules()
    known('source', source, this.context.sources())
    known('provider', provider, this.context.providers())
    known('schedule', scheduleName, [...schedules.keys()])
    const schedule = schedules.get(scheduleName) as WarmUpSchedule
    const { clock, store } = this.context.records
    const [record, decision] = await store.transaction(async ({ warmUps }) => {
      const all = await warmUps.list()
      if (all.some((each) => isOf(each, source, provider)))
        throw new RelayError(
          'RLY_RECORD_EXISTS',
          `${source} is being warmed up at ${provider} already`,
        )
      if (all.length >= warmUpLimits.warmUps)
        throw new RelayError(
          'RLY_RECORD_INVALID',
          `there are ${all.length} warm-ups, and that is the most`,
        )
      const now = clock.now()
      const stage = stageWithin(schedule, volume)
      const warmUp = WarmUp.start({ source, provider }, schedule, policy, now, stage)
      const text = `Started with ${aDay(allowanceAt(schedule, stage))} at ${provider}, by the schedule ${scheduleName}.`
      const begun: Decision = { at: now, kind: 'started', text }
      const made = recordOf(warmUp, null, [begun], now)
      await warmUps.put(made)
      return [made, begun] as const
    })
    await this.context.announce(source, decision)
    return record
  }

  pause(source: string, provider: string, by: string, reason: string): Promise<WarmUpRecord> {
    return this.#change(source, provider, (warmUp, now) => warmUp.pause(by, reason, now))
  }

  /** Throws `RLY_RECORD_INVALID` where it is not paused. */
  resume(source: string, provider: string, by: string): Promise<WarmUpRecord> {
    return this.#change(source, provider, (warmUp, now) => {
      const decision = warmUp.resume(by, now)
      if (decision !== null) return decision
      throw new RelayError(
        'RLY_RECORD_INVALID',
        `${source} at ${provider} is not paused, but ${warmUp.state.kind}`,
      )
    })
  }

  /** `to`: messages a day, of which the schedule's last stage within is taken; or `warm`. */
  set(source: string, provider: string, to: number | 'warm', by: string): Promise<WarmUpRecord> {
    return this.#change(source, provider, (warmUp, now) =>
      warmUp.set(to === 'warm' ? to : stageWithin(warmUp.schedule, to), by, now),
    )
  }

  /** As if it had never begun: nothing limits it any more. Throws `RLY_RECORD_UNKNOWN`. */
  async remove(source: string, provider: string): Promise<WarmUpRecord> {
    return this.context.records.store.transaction(async ({ warmUps }) => {
      const record = found(await warmUps.list(), source, provider)
      await warmUps.remove(source, provider)
      return record
    })
  }

  async #change(
    source: string,
    provider: string,
    change: (warmUp: WarmUp, now: Instant) => Decision,
  ): Promise<WarmUpRecord> {
    const { clock, store } = this.context.records
    const [record, decision] = await store.transaction(async ({ warmUps }) => {
      const before = found(await warmUps.list(), source, provider)
      const warmUp = warmUpOf(before, this.context.rules())
      const made = change(warmUp, clock.now())
      const after = recordOf(warmUp, before, [made], clock.now())
      await warmUps.put(after)
      return [after, made] as const
    })
    await this.context.announce(source, decision)
    return record
  }
}

/**
 * All of a source, whose address nobody knows any more: each begins anew by its schedule, since what was learned was about another one.
 * Gives the providers.
 */
export async function coolWarmUps(
  store: Store,
  { records: { clock }, rules }: Pick<WarmUpContext, 'records' | 'rules'>,
  source: string,
  why: string,
): Promise<readonly string[]> {
  const own = (await store.warmUps.list()).filter((record) => record.source === source)
  for (const before of own) {
    const now = clock.now()
    const { place, schedule } = warmUpOf(before, rules())
    const warmUp = WarmUp.start(place, schedule, rules().policy, now)
    const allowance = aDay(allowanceAt(schedule, 0))
    const text = `Begun anew with ${allowance} at ${place.provider}: ${why}.`
    const after = recordOf(warmUp, before, [{ at: now, kind: 'started', text }], now)
    await store.warmUps.put({ ...after, startedAt: now })
  }
  return own.map(({ provider }) => provider)
}

function found(all: readonly WarmUpRecord[], source: string, provider: string): WarmUpRecord {
  const record = all.find((each) => isOf(each, source, provider))
  if (record !== undefined) return record
  const names = all.map((each) => `${each.source} at ${each.provider}`)
  const meant = nearest(`${source} at ${provider}`, names)
  const advice = meant === null ? '' : `; did you mean ${meant}?`
  throw new RelayError(
    'RLY_RECORD_UNKNOWN',
    `there is no warm-up of ${source} at ${provider}${advice}`,
  )
}

function isOf(record: WarmUpRecord, source: string, provider: string): boolean {
  return record.source === source && record.provider === provider
}

/** Throws `RLY_RECORD_INVALID` with the names that there are. */
function known(what: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return
  const meant = nearest(name, names)
  const advice = meant === null ? `there are: ${names.join(', ')}` : `did you mean "${meant}"?`
  throw new RelayError(
    'RLY_RECORD_INVALID',
    `there is no ${what} "${name.slice(0, 100)}"; ${advice}`,
  )
}
