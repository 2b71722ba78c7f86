// SPDX-License-Identifier: Apache-2.0
/** What replies have taught, over a restart: read from the records at the start, and written there while it changes. */
import { z } from 'zod'
import { seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { aspects } from '../../queue/shaping/lesson.ts'
import { type KeptEntry, LessonBook } from '../../queue/shaping/lesson-book.ts'
import { keyOf } from '../../queue/shaping/lessons.ts'
import type { Store } from '../../records/store.ts'

/** What a process that dies forgets at most. */
const WRITE_EVERY = seconds(5)

const instant = z
  .number()
  .transform((at) => at as KeptEntry['lessons'][number]['state']['changedAt'])
const entry = z.object({
  whom: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('path'), source: z.string(), site: z.string() }),
    z.object({ kind: z.literal('tenant'), tenant: z.string(), at: z.string() }),
    z.object({
      kind: z.literal('campaign'),
      tenant: z.string(),
      campaign: z.string(),
      at: z.string(),
    }),
  ]),
  lessons: z.array(
    z.object({
      aspect: z.enum(aspects),
      state: z.object({
        kind: z.enum(['lowered', 'rising']),
        value: z.number().positive(),
        changedAt: instant,
      }),
      start: z.number(),
      successes: z.number(),
      words: z.string(),
    }),
  ),
})

/** What cannot be read is learned again. */
export async function readLessons(store: Store, clock: Clock, log: Log): Promise<LessonBook> {
  const kept: KeptEntry[] = []
  for (const { key, text } of await store.lessons.list())
    try {
      kept.push(entry.parse(JSON.parse(text)))
    } catch (thrown) {
      // Of another version, or damaged.
      log.warn({ key, error: messageOf(thrown) }, 'what was learned cannot be read')
    }
  return new LessonBook(clock.now(), kept)
}

/** Until `signal` aborts, and then once more. */
export async function keepLessons(
  book: LessonBook,
  store: Store,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(WRITE_EVERY, signal)
    const { gone, kept } = book.takeUnsaved()
    try {
      if (kept.length > 0)
        await store.lessons.put(
          kept.map((one) => ({ key: keyOf(one.whom), text: JSON.stringify(one) })),
        )
      if (gone.length > 0) await store.lessons.remove(gone)
    } catch (thrown) {
      // The store may be away: the same is written the next time.
      book.putBack([...gone, ...kept.map(({ whom }) => keyOf(whom))])
      log.warn({ error: messageOf(thrown) }, 'what replies have taught cannot be written now')
    }
    if (signal.aborted) return
  }
}
