// SPDX-License-Identifier: Apache-2.0
/**
 * Brakes that hold mail back, and what people have decided about them: records, so that all processes hold alike, and a
 * restart lets nothing go.
 */

import { type DurationMs, type Instant, ms, plus } from '../base/brand.ts'
import { RelayError } from '../base/errors.ts'
import { brakeLimits } from '../base/limits/brake-limits.ts'
import { formatDuration } from '../base/quantity.ts'
import type { BrakeRecord } from './brake.ts'
import { unknownRecord } from './naming.ts'
import type { RecordsContext } from './records-context.ts'
import type { Store } from './store.ts'

export async function listBrakes(store: Store): Promise<readonly BrakeRecord[]> {
  return await store.brakes.list()
}

/** `false`: another process holds it already. */
export function recordHold(
  { store, clock }: Pick<RecordsContext, 'store' | 'clock'>,
  hold: Pick<BrakeRecord, 'name' | 'since' | 'count' | 'ends' | 'spread' | 'usualShare'>,
): Promise<boolean> {
  return store.transaction(async (within) => {
    const all = await within.brakes.list()
    if (all.find(({ name }) => name === hold.name)?.state === 'holding') return false
    await removeDecided(within, all, clock.now())
    const undecided = { decidedAt: null, decidedBy: null, until: null }
    await within.brakes.put({ ...hold, state: 'holding', ...undecided })
    return true
  })
}

/** What it held goes on as if nothing had been: it was not true. */
export function releaseBrake(
  context: RecordsContext,
  name: string,
  by: string,
): Promise<BrakeRecord> {
  return decide(context, name, by, { state: 'released', until: null })
}

/** It is true: what it held ends so, and so does more of it for a time. */
export function confirmBrake(
  context: RecordsContext,
  name: string,
  by: string,
  lasts: DurationMs | null,
): Promise<BrakeRecord> {
  const longest = brakeLimits.longestConfirmationMs
  if (lasts !== null && (lasts <= 0 || lasts > longest))
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `a brake cannot be confirmed for ${formatDuration(lasts)}: at most ${formatDuration(ms(longest))}`,
    )
  const until = plus(context.clock.now(), lasts ?? ms(brakeLimits.confirmedForMs))
  return decide(context, name, by, { state: 'confirmed', until })
}

function decide(
  { clock, store }: RecordsContext,
  name: string,
  decidedBy: string,
  decision: Pick<BrakeRecord, 'state' | 'until'>,
): Promise<BrakeRecord> {
  return store.transaction(async (within) => {
    const all = await within.brakes.list()
    const found = all.find((brake) => brake.name === name)
    if (found === undefined)
      throw unknownRecord(
        'brake named',
        name,
        all.map((brake) => brake.name),
      )
    const decided = { ...found, ...decision, decidedBy, decidedAt: clock.now() }
    await within.brakes.put(decided)
    return decided
  })
}

async function removeDecided(
  store: Store,
  all: readonly BrakeRecord[],
  now: Instant,
): Promise<void> {
  const oldest = now - brakeLimits.shownForMs
  for (const { decidedAt, name, until } of all)
    if (decidedAt !== null && decidedAt < oldest && (until ?? 0) < now)
      await store.brakes.remove(name)
}
