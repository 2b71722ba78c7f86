// SPDX-License-Identifier: Apache-2.0
/**
 * Moves due times, in the index alone: of a whole queue, a person's wish for now, or of all, where the wall clock was set
 * back. An index made anew does not remember it. In steps, so that a million recipients do not stop the mail.
 */
import type { DurationMs, Instant } from '../../base/brand.ts'
import type { Checkpointer } from './checkpointer.ts'
import type { IndexReader } from './index-reader.ts'
import type { IndexWriter } from './index-writer.ts'
import type { Residents } from './residents.ts'
import { nextTurn } from './turns.ts'

export interface RescheduleParts {
  readonly residents: Residents
  readonly checkpointer: Checkpointer
  readonly reader: IndexReader
  readonly writer: IndexWriter
}

const STEP = 1_000

export async function rescheduleQueue(
  parts: RescheduleParts,
  queue: string,
  dueAt: Instant,
): Promise<void> {
  const { checkpointer, residents, reader, writer } = parts
  await checkpointer.run()
  const id = reader.queue(queue)?.id
  if (id === undefined) return
  for (let changed = STEP; changed >= STEP; await nextTurn())
    writer.transaction(checkpointer.position, () => {
      changed = writer.reschedule(id, Math.round(dueAt), STEP)
    })
  residents.touchOwned(queue)
}

export async function hastenAll(
  { checkpointer, writer }: RescheduleParts,
  now: Instant,
  by: DurationMs,
): Promise<void> {
  await checkpointer.run()
  for (let last: number | null = 0; last !== null; await nextTurn())
    writer.transaction(checkpointer.position, () => {
      last = writer.hasten(last ?? 0, Math.round(now), Math.round(by), STEP)
    })
}
