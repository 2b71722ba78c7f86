// SPDX-License-Identifier: Apache-2.0
/** What sources have in hand, connections; and what waits for each pool, which takes a walk over all queues. */
import { ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import type { Dispatcher } from '../../delivery/dispatcher.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { Spool } from '../../spool/spool.ts'

export interface SourceLoads {
  /** Every process that has mail has answered. */
  readonly isWhole: boolean
  /** Open connections by source; those without are missing. */
  readonly connections: Readonly<Record<string, number>>
  /** Sources whose proxies do not take some process, with why. */
  readonly cut: Readonly<Record<string, string>>
}

/** Recipients that wait, in the index and in windows, by pool; those without are missing. */
export type PoolLoads = Readonly<Record<string, number>>

/** Queues between two turns of the event loop: some milliseconds. */
const LOOKED_AT_ONCE = 1_000

/** Of this process. Cheap: asked once a second while a source is drained. */
export function sourceLoads({ cut, sites }: Dispatcher): SourceLoads {
  const connections = Object.fromEntries(sites.connections)
  return { isWhole: true, connections, cut: Object.fromEntries(cut) }
}

/** Likewise. */
export async function poolLoads(
  spool: Spool,
  dispatcher: Dispatcher,
  clock: Clock,
): Promise<PoolLoads> {
  const waiting: Record<string, number> = {}
  const add = (pool: string, count: number) => {
    if (count > 0) waiting[pool] = (waiting[pool] ?? 0) + count
  }
  let looked = 0
  for (const { queue, waiting: count } of spool.waiting()) {
    add(dispatcher.poolOf(queue as QueueName), count)
    if (++looked % LOOKED_AT_ONCE === 0) await clock.sleep(ms(0))
  }
  for (const { paths, ready } of dispatcher.sites.atWork) add(paths.pool, ready.size)
  return waiting
}

/** `desks`: of how many there are. */
export function mergeLoads(loads: readonly SourceLoads[], desks: number): SourceLoads {
  return {
    isWhole: loads.length === desks && loads.every(({ isWhole }) => isWhole),
    connections: summed(loads.map(({ connections }) => connections)),
    cut: Object.assign({}, ...loads.map(({ cut }) => cut)),
  }
}

export function summed(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const each of all)
    for (const [name, count] of Object.entries(each)) sums[name] = (sums[name] ?? 0) + count
  return sums
}
