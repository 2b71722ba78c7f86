// SPDX-License-Identifier: Apache-2.0
/** What people see of sources, and do with them. Each change is one transaction of the records. */
import { type DurationMs, type Instant, plus } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { sourceLimits } from '../../base/limits/source-limits.ts'
import { formatDuration } from '../../base/quantity.ts'
import { unknownRecord } from '../../records/naming.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import { newSource, type SourceRecord, type SourceState, sourceIn } from '../../records/source.ts'
import type { SourceCheckup } from '../../records/source-checkup.ts'
import type { WarmUpAllowance } from '../../records/warm-up.ts'
import type { AnnouncedEvent, MailDesk } from '../desk/mail-desk.ts'
import type { PoolLoads } from './source-loads.ts'

/** As the configuration has it. */
export interface ConfiguredSource {
  readonly name: string
  /** Of this machine; `null`: the system chooses. */
  readonly localAddress: string | null
  /** That receivers see: the same, or the one that the operator says; `null`: not known. */
  readonly address: string | null
  readonly ehlo: string
  /** `socks5 10.0.0.9:1080`; `null`: none. */
  readonly proxy: string | null
  readonly pools: readonly { readonly pool: string; readonly weight: number }[]
}

export interface SourceContext {
  readonly records: RecordsContext
  readonly configured: () => readonly ConfiguredSource[]
  /** `null` where no relay runs. */
  readonly desk: Pick<MailDesk, 'pools' | 'sources'> | null
  /** Becomes an event. */
  readonly announce: (what: AnnouncedEvent, text: string) => Promise<void>
}

export interface SourceView extends ConfiguredSource {
  readonly state: SourceState
  /** `null`: it is not in the records, and was never anything but active. */
  readonly changedAt: Instant | null
  readonly warmUps: readonly WarmUpAllowance[]
  /** What was found when it was checked last; `null`: it was not. */
  readonly checkup: SourceCheckup | null
  /** `null` where no relay runs. */
  readonly connections: number | null
  /** Why its proxy does not take us; `null`: it does, or there is none. */
  readonly cut: string | null
  /** Recipients that wait for the pools that it is in. */
  readonly waiting: number | null
}

export class SourceService {
  readonly context: SourceContext

  constructor(context: SourceContext) {
    this.context = context
  }

  /** In the order of the configuration. */
  async list(): Promise<readonly SourceView[]> {
    const { configured, desk, records } = this.context
    const [states, checkups, warmUps, loads, pools] = await Promise.all([
      records.store.sources.list(),
      records.store.sourceCheckups.list(),
      records.store.warmUps.allowances(),
      desk?.sources() ?? null,
      desk?.pools() ?? null,
    ])
    return configured().map((source) => ({
      ...source,
      ...standingIn(states, source.name),
      warmUps: warmUps.filter((warmUp) => warmUp.source === source.name),
      checkup: checkups.find(({ name }) => name === source.name) ?? null,
      connections: loads && (loads.connections[source.name] ?? 0),
      cut: loads?.cut[source.name] ?? null,
      waiting: pools && waitingFor(source, pools),
    }))
  }

  /** Throws `RLY_RECORD_UNKNOWN`. */
  async show(name: string): Promise<SourceView> {
    this.known(name)
    const found = (await this.list()).find((each) => each.name === name)
    if (found !== undefined) return found
    throw this.#unknown(name)
  }

  /** Nothing goes from it until it is resumed, or for a time. Throws `RLY_RECORD_UNKNOWN`, `RLY_RECORD_INVALID`. */
  async rest(name: string, reason: string, by: string, lasts: DurationMs | null): Promise<void> {
    if (lasts !== null && (lasts <= 0 || lasts > sourceLimits.longestRestMs))
      throw new RelayError(
        'RLY_RECORD_INVALID',
        `a source cannot rest for ${formatDuration(lasts)}: at most ${formatDuration(sourceLimits.longestRestMs)}`,
      )
    const until = lasts === null ? null : plus(this.context.records.clock.now(), lasts)
    await this.#change(name, { kind: 'resting', until, reason, by })
    const length = lasts === null ? '' : ` for ${formatDuration(lasts)}`
    await this.context.announce('sourceResting', `${name}: rests${length}, by ${by}: ${reason}`)
  }

  /** What is under way ends, and its mail goes by others of its pools. Throws likewise. */
  async drain(name: string, reason: string, by: string): Promise<void> {
    await this.#change(name, { kind: 'draining', reason, by })
    await this.context.announce('sourceDraining', `${name}: is drained by ${by}: ${reason}`)
  }

  /** It sends again. Throws likewise. */
  async resume(name: string, by: string): Promise<void> {
    await this.#change(name, { kind: 'active' })
    await this.context.announce('sourceResumed', `${name}: sends again, by ${by}`)
  }

  async #change(name: string, state: SourceState): Promise<void> {
    this.known(name)
    const { clock, store } = this.context.records
    await store.transaction(async ({ sources }) => {
      const all = await sources.list()
      const now = clock.now()
      const record = all.find((each) => each.name === name) ?? newSource(name, now)
      await sources.put(sourceIn(record, state, now))
    })
  }

  /** Throws `RLY_RECORD_UNKNOWN`. */
  known(name: string): ConfiguredSource {
    const found = this.context.configured().find((source) => source.name === name)
    if (found !== undefined) return found
    throw this.#unknown(name)
  }

  #unknown(name: string): Error {
    const names = this.context.configured().map((source) => source.name)
    return unknownRecord('source', name.slice(0, 100), names)
  }
}

function waitingFor({ pools }: ConfiguredSource, waiting: PoolLoads): number {
  return pools.reduce((sum, { pool }) => sum + (waiting[pool] ?? 0), 0)
}

function standingIn(states: readonly SourceRecord[], name: string) {
  const record = states.find((each) => each.name === name)
  const active: SourceState = { kind: 'active' }
  return { state: record?.state ?? active, changedAt: record?.changedAt ?? null }
}
