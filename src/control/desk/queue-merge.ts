// SPDX-License-Identifier: Apache-2.0
/** Rows of the same queue or site, from several workers, as one. */
import type { QueueRow, SiteRow } from '../queues/queue-views.ts'

/** Counts are summed; what it waits for is what the worker with most of it says. */
export function mergeQueues(rows: readonly QueueRow[]): readonly QueueRow[] {
  const merged = new Map<string, QueueRow>()
  for (const row of rows) {
    const known = merged.get(row.queue)
    merged.set(row.queue, known ? bothQueues(known, row) : row)
  }
  return [...merged.values()].sort((one, other) => (one.queue < other.queue ? -1 : 1))
}

export function mergeSites(rows: readonly SiteRow[]): readonly SiteRow[] {
  const merged = new Map<string, SiteRow>()
  for (const row of rows) {
    const key = `${row.pool} ${row.site}`
    const known = merged.get(key)
    merged.set(key, known ? bothSites(known, row) : row)
  }
  return [...merged.values()]
}

function bothQueues(one: QueueRow, other: QueueRow): QueueRow {
  const larger = one.waiting + one.ready >= other.waiting + other.ready ? one : other
  return {
    ...larger,
    waiting: one.waiting + other.waiting,
    ready: one.ready + other.ready,
    inFlight: one.inFlight + other.inFlight,
    nextDueAt: earlier(one.nextDueAt, other.nextDueAt),
    isSuspended: one.isSuspended || other.isSuspended,
  }
}

/** A path that is not open in one worker is what a person wants to see. */
function bothSites(one: SiteRow, other: SiteRow): SiteRow {
  return {
    ...one,
    ready: one.ready + other.ready,
    connections: one.connections + other.connections,
    paths: one.paths.map((path) => {
      const twin = other.paths.find(({ source }) => source === path.source)
      return path.state.kind === 'open' && twin ? twin : path
    }),
  }
}

function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}
