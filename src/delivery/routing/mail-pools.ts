// SPDX-License-Identifier: Apache-2.0
/** From which pool the mail of a queue goes now: that of its stream, or its quarantine pool; and whether it is held for how its tenant stands. */
import { DEFAULT_POOL } from '../../queue/egress-pool.ts'
import type { PoolChoice } from '../../queue/pool-choice.ts'
import type { Directory } from '../../records/directory.ts'
import type { Slug } from '../../records/records.ts'
import { type StandingStateName, standingKey } from '../../records/standing.ts'
import { parseQueueName } from '../../spool/queue-name.ts'
import { isSandboxed } from '../../spool/sandbox.ts'

interface Home {
  readonly pool: string
  readonly state: StandingStateName
}

export class MailPools {
  readonly #choice: PoolChoice
  readonly #directory: () => Directory

  constructor(choice: PoolChoice, directory: () => Directory) {
    this.#choice = choice
    this.#directory = directory
  }

  of(queue: string): string {
    const { pool, state } = this.#homeOf(queue, this.#directory())
    return state === 'quarantined' ? (this.#choice.quarantineOf(pool) ?? pool) : pool
  }

  /** Why mail of a queue waits, as the records are now; `null`: it does not. Where nobody's does, there is nothing to ask. */
  holds(): ((queue: string) => string | null) | null {
    const directory = this.#directory()
    const areHeld = [...directory.standings.values()].includes('held')
    if (!areHeld && !this.#lacksPools(directory)) return null
    return (queue) => {
      if (isSandboxed(queue)) return null
      const { pool, state } = this.#homeOf(queue, directory)
      if (!this.#choice.knows(pool)) return `its pool "${pool}" is not in the configuration`
      return state === 'held' ? 'held for how its tenant stands in the pool' : null
    }
  }

  #lacksPools({ streamsOf, tenants }: Directory): boolean {
    for (const tenant of tenants.keys())
      for (const { pool } of streamsOf(tenant)) if (!this.#choice.knows(pool)) return true
    return false
  }

  /** Changes with whatever the pool of some queue hangs on. */
  get signature(): string {
    const { standings, tenants, streamsOf } = this.#directory()
    const named = [...tenants.keys()].flatMap((tenant) =>
      streamsOf(tenant).flatMap(({ name, pool }) =>
        pool === DEFAULT_POOL ? [] : [`${tenant} ${name} ${pool}`],
      ),
    )
    return [...named, ...[...standings].map(([key, state]) => `${key} ${state}`)].join('\n')
  }

  #homeOf(queue: string, directory: Directory): Home {
    const parts = parseQueueName(queue)
    const stream = parts && directory.stream(parts.tenant as Slug, parts.stream as Slug)
    const tenant = parts?.tenant ?? ''
    const pool = this.#choice.homeOf(tenant, stream?.pool ?? DEFAULT_POOL)
    const { standings } = directory
    const state = standings.size === 0 ? 'good' : standings.get(standingKey(tenant, pool))
    return { pool, state: state ?? 'good' }
  }
}
