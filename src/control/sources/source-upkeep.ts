// SPDX-License-Identifier: Apache-2.0
/**
 * What happens to sources by itself: a rest is over, one that is drained has no connection any more, or the configuration gives one
 * another address. One process of a relay does it, the one that people talk to.
 */
import { seconds } from '../../base/brand.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { Directory } from '../../records/directory.ts'
import { newSource, type SourceRecord, sourceIn } from '../../records/source.ts'
import type { MailDesk } from '../desk/mail-desk.ts'
import { coolWarmUps, type WarmUpContext } from '../warm-ups/warm-up-service.ts'
import type { SourceContext } from './source-service.ts'

const EVERY = seconds(1)

export interface SourceUpkeepParts extends SourceContext {
  readonly warmUps: WarmUpContext
  readonly directory: () => Directory
  /** The records were changed: every process takes notice. */
  readonly refresh: () => Promise<void>
  readonly desk: Pick<MailDesk, 'pools' | 'sources'> | null
}

export async function keepUpSources(
  parts: SourceUpkeepParts,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const upkeep = new SourceUpkeep(parts)
  while (!signal.aborted) {
    try {
      await upkeep.look()
    } catch (thrown) {
      // A store that is away now, or no worker that answers: at the next look.
      log.warn({ error: messageOf(thrown) }, 'sources could not be looked after')
    }
    await parts.records.clock.sleep(EVERY, signal)
  }
}

export class SourceUpkeep {
  readonly #parts: SourceUpkeepParts
  /** Of the configuration whose addresses are in the records. */
  #seen: string | null = null

  constructor(parts: SourceUpkeepParts) {
    this.#parts = parts
  }

  async look(): Promise<void> {
    await this.#lookAtAddresses()
    const records = [...this.#parts.directory().sources.values()]
    const now = this.#parts.records.clock.now()
    for (const { name, state } of records)
      if (state.kind === 'resting' && state.until !== null && state.until <= now)
        await this.#wake(name)
    const draining = records.filter(({ state }) => state.kind === 'draining')
    if (draining.length > 0) await this.#lookAtDraining(draining)
  }

  async #wake(name: string): Promise<void> {
    const isWoken = await this.#change(name, ({ state }, now) =>
      state.kind === 'resting' && state.until !== null && state.until <= now
        ? { kind: 'active' }
        : null,
    )
    if (isWoken) await this.#parts.announce('sourceResumed', `${name}: sends again, as was said`)
  }

  /** Once every process knows that nothing new may begin, none of what was open may be left. */
  async #lookAtDraining(draining: readonly SourceRecord[]): Promise<void> {
    const { announce, desk, refresh } = this.#parts
    if (desk === null) return
    await refresh()
    const { connections, isWhole } = await desk.sources()
    if (!isWhole) return
    for (const { name } of draining) {
      if ((connections[name] ?? 0) > 0) continue
      const isDrained = await this.#change(name, ({ state }) =>
        state.kind === 'draining' ? { ...state, kind: 'drained' } : null,
      )
      if (isDrained)
        await announce('sourceDrained', `${name}: no connection of it is open any more`)
    }
  }

  /** `to` gives `null` where somebody has changed it meanwhile. */
  async #change(
    name: string,
    to: (record: SourceRecord, now: SourceRecord['changedAt']) => SourceRecord['state'] | null,
  ): Promise<boolean> {
    const { refresh, records } = this.#parts
    const isChanged = await records.store.transaction(async ({ sources }) => {
      const record = (await sources.list()).find((each) => each.name === name)
      const now = records.clock.now()
      const state = record === undefined ? null : to(record, now)
      if (record === undefined || state === null) return false
      await sources.put(sourceIn(record, state, now))
      return true
    })
    if (isChanged) await refresh()
    return isChanged
  }

  /** A source that has another address is one that no provider knows. */
  async #lookAtAddresses(): Promise<void> {
    const { announce, configured, records, refresh, warmUps } = this.#parts
    const known = configured()
    const text = JSON.stringify(known)
    if (text === this.#seen) return
    const said = await records.store.transaction(async (store) => {
      const before = new Map((await store.sources.list()).map((each) => [each.name, each]))
      const sentences: string[] = []
      const now = records.clock.now()
      for (const { address, name } of known) {
        const record = before.get(name) ?? newSource(name, now)
        if (address === null || record.address === address) continue
        await store.sources.put({ ...record, address })
        if (record.address === null) continue
        const why = `its address is ${address} now, and was ${record.address}`
        const cooled = await coolWarmUps(store, warmUps, name, why)
        sentences.push(`${name}: ${why}; no provider knows it yet. ${adviceOf(name, cooled)}`)
      }
      return sentences
    })
    this.#seen = text
    if (said.length > 0) await refresh()
    for (const sentence of said) await announce('sourceReaddressed', sentence)
  }
}

function adviceOf(name: string, cooled: readonly string[]): string {
  return cooled.length === 0
    ? `Warm it up: posthaste warmup start ${name} PROVIDER`
    : `Its warm-ups begin anew: ${cooled.join(', ')}`
}
