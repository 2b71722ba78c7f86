// SPDX-License-Identifier: Apache-2.0
/** What workers ask of the ledger over the channel, as a schema. */
import { z } from 'zod'
import { ms } from '../../base/brand.ts'
import { shapingLimits } from '../../base/limits/shaping-limits.ts'
import { aspects } from '../../queue/shaping/lesson.ts'

const natural = z.number().int().min(0)
const positive = z.number().int().min(1)
const duration = z.number().min(0).transform(ms)
const demand = z.object({
  waiting: natural,
  highestClass: natural,
  weightedDepth: z.number().min(0),
  oldestAge: duration,
})
const rate = z.object({ count: positive, per: duration, burst: positive })
const limitsOf = <T extends z.ZodType>(limit: T) =>
  z.array(z.object({ key: z.string(), limit })).max(shapingLimits.limitsPerLane)
const asks = <T extends z.ZodType>(ask: T) => z.array(ask).max(shapingLimits.asksPerQuestion)

const whom = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), source: z.string(), site: z.string() }),
  z.object({ kind: z.literal('tenant'), tenant: z.string(), at: z.string() }),
  z.object({
    ...{ kind: z.literal('campaign'), tenant: z.string(), campaign: z.string() },
    at: z.string(),
  }),
])
const measured = z.number().min(0).nullable()
const lessonFields = z.object({
  version: z.number(),
  signals: z
    .array(
      z.discriminatedUnion('kind', [
        z.object({
          kind: z.literal('complaint'),
          whom,
          aspect: z.enum(aspects),
          heard: z.object({ limit: measured, observed: measured, proven: measured }),
          words: z.string(),
          age: duration.exactOptional(),
        }),
        z.object({
          kind: z.literal('success'),
          whom,
          count: natural,
          limits: z.partialRecord(z.enum(aspects), measured),
        }),
      ]),
    )
    .max(2 * shapingLimits.signalsPerQuestion),
})

/** What a worker asks of the ledger, has of it, and has heard in replies. */
export const ledgerFields = z.object({
  worker: natural,
  connections: asks(
    z.object({ lane: z.string(), limits: limitsOf(natural), used: natural, demand }),
  ),
  rates: asks(z.object({ lane: z.string(), limits: limitsOf(rate), demand })),
  lessons: lessonFields,
})
