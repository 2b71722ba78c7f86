// SPDX-License-Identifier: Apache-2.0
/** The keys of a file of schedules and thresholds for warm-ups. What they mean stands in `docs/warmup.md`. */
import { z } from 'zod'
import { warmUpLimits } from '../../base/limits/warm-up-limits.ts'
import { limitedKinds } from '../../queue/warm-up/thresholds.ts'
import { count, slug } from './key-types.ts'

/** More a day than any provider takes from one address. */
const MOST_A_DAY = 1_000_000_000

const percent = z.number().min(0).max(100)

const threshold = z.strictObject({
  hold: percent.optional(),
  step_back: percent.optional(),
  pause: percent.optional(),
})

export const warmUpSchema = z.strictObject({
  schedule: z
    .array(
      z.strictObject({
        name: slug,
        origin: z.string().min(1).max(500),
        allowances: z.array(count(1, MOST_A_DAY)).min(1).max(warmUpLimits.stages),
      }),
    )
    .max(100)
    .default([]),
  thresholds: z.partialRecord(z.enum(limitedKinds), threshold).default({}),
  engaged: z
    .strictObject({
      recent_days: count(1, 365).optional(),
      some_days: count(1, 365).optional(),
      stale_days: count(1, 365).optional(),
      early_days: count(0, 365).optional(),
    })
    .default({}),
  pace: z
    .strictObject({
      good_part: percent.optional(),
      excellent_days: count(1, 1_000).optional(),
      slow_to: percent.optional(),
      pause_hours: z.array(count(1, 720)).min(1).max(20).optional(),
      wait_days: z.array(count(1, 365)).min(1).max(20).optional(),
      idle_days: count(1, 365).optional(),
      cold_days: count(1, 365).optional(),
    })
    .default({}),
})

export type WarmUpTables = z.output<typeof warmUpSchema>
